/** The requests of this process that have begun and are not over, whatever their protocol. */
export const underWay = { requests: 0 };
