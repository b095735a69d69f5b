/**
 * From where the sidecar connects to its own application, by address family: the redirect rules let these pass, or the
 * connection would come back to the sidecar. Applications see them as their client's address.
 */
export const sourceAddress = { 4: '127.0.0.6', 6: '::6' } as const;
