/** What all our labels and annotations begin with. */
export const labelDomain = 'heddle.dev';

/** On namespaces and pods: whether pods get a sidecar, `enabled` or `disabled`. */
export const injectLabel = 'heddle.dev/inject';

/** On an injected pod, to select by: `heddle.dev/sidecar=injected`. */
export const sidecarLabel = 'heddle.dev/sidecar';
export const sidecarLabelValue = 'injected';

/** What users may ask for by annotation: of pods and namespaces, the opaque ports of pods and Services instead. */
export const wishAnnotations = {
  skipInboundPorts: 'heddle.dev/skip-inbound-ports',
  skipOutboundPorts: 'heddle.dev/skip-outbound-ports',
  skipSubnets: 'heddle.dev/skip-subnets',
  opaquePorts: 'heddle.dev/opaque-ports',
} as const;

/** On Services: how each client is to treat each of its endpoints, where it is not by the defaults. */
export const endpointAnnotations = {
  outlierFailures: 'heddle.dev/outlier-failures',
  outlierEjection: 'heddle.dev/outlier-ejection',
  slowStart: 'heddle.dev/slow-start',
  maxConnections: 'heddle.dev/max-connections',
  maxWaitingRequests: 'heddle.dev/max-waiting-requests',
} as const;

/** On pods and namespaces: what heddle-init and heddle-sidecar request, and their limits; `none` leaves one out. */
export const resourceAnnotations = {
  cpuRequest: 'heddle.dev/sidecar-cpu-request',
  cpuLimit: 'heddle.dev/sidecar-cpu-limit',
  memoryRequest: 'heddle.dev/sidecar-memory-request',
  memoryLimit: 'heddle.dev/sidecar-memory-limit',
} as const;

/** On an injected pod: the version of its sidecar, */
export const injectedAnnotation = 'heddle.dev/injected';
/** and a hash of what was added to it. */
export const revisionAnnotation = 'heddle.dev/revision';

/** On the Secret of the CAs, by an operator: another CA shall take over; the injector takes it off when it has begun. */
export const rotateAnnotation = 'heddle.dev/rotate';
