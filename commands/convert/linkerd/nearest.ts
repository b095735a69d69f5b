/** What comes near timeout.linkerd.io/response, */
export const inTry = 'timeouts.backendRequest bounds a whole try, not the time from the end of the request on';
/** and timeout.linkerd.io/idle. */
export const whileIdle = "the annotation heddle.dev/progress-timeout of the clients' pods says it";
