/**
 * Ports that are passed through without looking, where neither Service nor pod says more: of protocols that never are
 * HTTP, mostly such whose server speaks first, where waiting for the client's first bytes would only delay it.
 */
export const defaultOpaquePorts: readonly number[] = [25, 587, 3306, 4444, 5432, 6379, 9300, 11_211];
