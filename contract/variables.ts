/**
 * The environment by which a pod's two programs are told what the injector knows, and what both must be told alike.
 * How each is understood, and all that only one program has: sidecar/settings.ts, sidecar/intercept/settings.ts.
 */
export const podVariables = {
  podName: 'HEDDLE_POD_NAME',
  podNamespace: 'HEDDLE_POD_NAMESPACE',
  agentAddress: 'HEDDLE_AGENT_ADDRESS',
  agentServerName: 'HEDDLE_AGENT_SERVER_NAME',
  agentCaFile: 'HEDDLE_AGENT_CA_FILE',
  agentTokenFile: 'HEDDLE_AGENT_TOKEN_FILE',
  probePorts: 'HEDDLE_PROBE_PORTS',
  probeToken: 'HEDDLE_PROBE_TOKEN',
  opaquePorts: 'HEDDLE_OPAQUE_PORTS',
  skipInboundPorts: 'HEDDLE_SKIP_INBOUND_PORTS',
  skipOutboundPorts: 'HEDDLE_SKIP_OUTBOUND_PORTS',
  skipSubnets: 'HEDDLE_SKIP_SUBNETS',
  outboundPort: 'HEDDLE_OUTBOUND_PORT',
  inboundPort: 'HEDDLE_INBOUND_PORT',
  adminPort: 'HEDDLE_ADMIN_PORT',
  metricsPort: 'HEDDLE_METRICS_PORT',
  readyPort: 'HEDDLE_READY_PORT',
  /** Set by the dispatcher of the image. */
  readySockets: 'HEDDLE_READY_SOCKETS',
  sidecarUid: 'HEDDLE_SIDECAR_UID',
  sidecarMark: 'HEDDLE_SIDECAR_MARK',
} as const;
