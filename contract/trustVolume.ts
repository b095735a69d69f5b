/** The volume by which a pod knows the agents, and is known by them; its files stand in `trustFolder`. */
export const trustVolume = 'heddle-trust';
export const trustFolder = '/var/run/heddle';

/** The bundle of trusted CAs as PEM: a file here, and a key of the ConfigMap that it comes from. */
export const caFile = 'ca.crt';

/** The projected ServiceAccount token, */
export const tokenFile = 'token';
/** and whom it is for: the agent refuses any other. */
export const tokenAudience = 'heddle.dev/agent';
