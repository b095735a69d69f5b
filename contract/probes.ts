/** The header by which the sidecar knows the probes of its pod, and which it takes out again. */
export const probeTokenHeader = 'heddle-probe';

/** Where the sidecar is asked whether a port of the application accepts connections. */
export function tcpProbePath(port: number): string {
  return `/probe/tcp/${port}`;
}

/** The port that such a path asks about, as it is written; undefined for any other path. */
export function probedPort(path: string): string | undefined {
  return /^\/probe\/tcp\/(?<port>\d{1,5})$/.exec(path)?.groups?.['port'];
}
