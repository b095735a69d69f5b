/** Where the programs of the mesh listen, each in its own pod; `agent` is also the port of the agents' Service. */
export const ports = {
  /** Of sidecars and agents, on loopback only. */
  admin: 15_000,
  outbound: 15_001,
  inbound: 15_006,
  agent: 15_010,
  metrics: 15_020,
  ready: 15_021,
  /** Of the injector; its Service has 443 before it. */
  webhook: 15_443,
} as const;

/** The ports that the sidecar listens on in every pod, and what for. */
export const sidecarPorts: ReadonlyMap<number, string> = new Map([
  [ports.admin, 'admin'],
  [ports.outbound, 'outbound connections'],
  [ports.inbound, 'inbound connections'],
  [ports.metrics, 'metrics'],
  [ports.ready, 'readiness'],
]);
