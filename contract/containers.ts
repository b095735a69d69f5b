/** The init container that sets the redirect rules. */
export const initName = 'heddle-init';
export const sidecarName = 'heddle-sidecar';

/**
 * User and group of the sidecar, and of every other program of the image but heddle-init. The redirect rules let pass
 * what this user sends, so no container of an application may run as it.
 */
export const sidecarUid = 1337;
