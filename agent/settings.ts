import { hostname } from 'node:os';
import { systemNamespace } from '../contract/objects.ts';
import { ports } from '../contract/ports.ts';
import { tokenAudience } from '../contract/trustVolume.ts';
import { podVariables } from '../contract/variables.ts';
import { logLevels } from '../runtime/log.ts';
import { address, integer, oneOf, optional, text } from '../runtime/settings.ts';

const portRange = { min: 1, max: 65_535 };

/** The environment variables of the agent; docs of each are its fallback and what it accepts. */
export const agentSettings = {
  /** The folder of YAML that is read in place of the Kubernetes API; unset: the Kubernetes API. */
  configDir: optional(text('HEDDLE_CONFIG_DIR')),
  /** Where sidecars connect: `[::]` is both families. */
  discoveryAddress: address('HEDDLE_DISCOVERY_ADDRESS', `[::]:${ports.agent}`, 0),
  /** The serving certificate and its key as PEM; unset: plain text. */
  tlsCertFile: optional(text('HEDDLE_TLS_CERT_FILE')),
  tlsKeyFile: optional(text('HEDDLE_TLS_KEY_FILE')),
  /** What the tokens of sidecars must be for. */
  tokenAudience: text('HEDDLE_TOKEN_AUDIENCE', tokenAudience),
  logLevel: oneOf('HEDDLE_LOG_LEVEL', logLevels, 'info'),
  /** How often the folder is looked at where the file system tells of no change. */
  pollMs: integer('HEDDLE_CONFIG_POLL_MS', 2000, { min: 50, max: 600_000 }),
  /** Readiness and metrics; unset: 15021 and 15020 on a cluster, not served where a folder is read. */
  readyPort: optional(integer(podVariables.readyPort, ports.ready, portRange)),
  metricsPort: optional(integer(podVariables.metricsPort, ports.metrics, portRange)),
  /** What is known of streams, on loopback; unset: not served. The manifests set it. */
  adminPort: optional(integer(podVariables.adminPort, ports.admin, portRange)),
  /** Where the Lease of the status writer is, and who holds it. */
  namespace: text('HEDDLE_NAMESPACE', systemNamespace, 'a namespace'),
  podName: text('HEDDLE_POD_NAME', hostname(), 'the name of this pod'),
  shutdownGraceMs: integer('HEDDLE_SHUTDOWN_GRACE_MS', 2000, { min: 0, max: 60_000 }),
};
