/** On namespaces and pods: whether pods get a sidecar, `enabled` or `disabled`. */
export const injectLabel = 'heddle.dev/inject';

/** What users may ask for by annotation: of pods, the opaque ports of Services too. */
export const wishAnnotations = {
  skipInboundPorts: 'heddle.dev/skip-inbound-ports',
  skipOutboundPorts: 'heddle.dev/skip-outbound-ports',
  skipSubnets: 'heddle.dev/skip-subnets',
  opaquePorts: 'heddle.dev/opaque-ports',
} as const;

/** On an injected pod: the version of its sidecar, */
export const injectedAnnotation = 'heddle.dev/injected';
/** and a hash of what was added to it. */
export const revisionAnnotation = 'heddle.dev/revision';
