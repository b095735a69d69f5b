/** What users and `kubectl describe` see; docs/reference.md lists these names. */
export const injectLabel = 'heddle.dev/inject';
export const injectedAnnotation = 'heddle.dev/injected';
export const revisionAnnotation = 'heddle.dev/revision';
export const initName = 'heddle-init';
export const sidecarName = 'heddle-sidecar';
export const trustVolume = 'heddle-trust';
export const trustFolder = '/var/run/heddle';
/** The ConfigMap with the bundle of trusted CAs, in every namespace with injected pods; its key is `ca.crt`. */
export const trustConfigMap = 'heddle-ca';
export const tokenAudience = 'heddle.dev/agent';

/** The sidecar runs as this user; the redirect rules let whatever this user sends pass. */
export const sidecarUid = 1337;
export const readyPort = 15_021;

/** The ports that the sidecar listens on in every pod, and what for. */
export const sidecarPorts: ReadonlyMap<number, string> = new Map([
  [15_000, 'admin'],
  [15_001, 'outbound connections'],
  [15_006, 'inbound connections'],
  [15_020, 'metrics'],
  [readyPort, 'readiness'],
]);
