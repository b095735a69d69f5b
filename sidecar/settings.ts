import { defaultOpaquePorts } from '../contract/opaquePorts.ts';
import { ports } from '../contract/ports.ts';
import { podVariables } from '../contract/variables.ts';
import { accessLogModes } from '../proxy/observe/accessLog.ts';
import type { AgentAuthentication } from '../proxy/table/agentChannel.ts';
import { logLevels } from '../runtime/log.ts';
import { integer, list, oneOf, text, type Setting } from '../runtime/settings.ts';

const port = { min: 1, max: 65_535 };
const day = { min: 1, max: 86_400_000 };

/** The environment of heddle-sidecar. Times are milliseconds. */
export const sidecarSettings = {
  agentAddress: text(podVariables.agentAddress, `127.0.0.1:${ports.agent}`),
  /** PEM of the CAs that may sign the agent's certificate; unset: plain text. */
  agentCaFile: text(podVariables.agentCaFile, ''),
  /** The projected ServiceAccount token that tells the agent which pod this is; sent over TLS only. */
  agentTokenFile: text(podVariables.agentTokenFile, ''),
  /** The name in the agent's certificate; unset: the host of its address. */
  agentServerName: text(podVariables.agentServerName, ''),
  podName: text(podVariables.podName, ''),
  podNamespace: text(podVariables.podNamespace, ''),
  outboundPort: integer(podVariables.outboundPort, ports.outbound, port),
  inboundPort: integer(podVariables.inboundPort, ports.inbound, port),
  adminPort: integer(podVariables.adminPort, ports.admin, port),
  metricsPort: integer(podVariables.metricsPort, ports.metrics, port),
  readyPort: integer(podVariables.readyPort, ports.ready, port),
  /** File descriptors that listen there already: who started this process opened them. */
  readySockets: list(podVariables.readySockets, [], (item) =>
    /^\d{1,4}$/.test(item) ? undefined : `${item} is no file descriptor`,
  ),
  /** 0: sockets are not marked; the interception rules know the sidecar by its uid. */
  mark: integer(podVariables.sidecarMark, 0, { min: 0, max: 4_294_967_295 }),
  opaquePorts: list(podVariables.opaquePorts, defaultOpaquePorts.map(String), (item) =>
    /^\d{1,5}$/.test(item) && Number(item) <= 65_535 ? undefined : `${item} is not a port: give numbers like 3306,6379`,
  ),
  /** Ports of the application that `GET :15021/probe/tcp/<port>` may be asked about. */
  probePorts: list(podVariables.probePorts, [], (item) =>
    /^\d{1,5}$/.test(item) && Number(item) >= 1 && Number(item) <= 65_535
      ? undefined
      : `${item} is not a port: give numbers like 8080,9090`,
  ),
  /** What HTTP probes of this pod bring in the field heddle-probe; the injector makes one for each pod. */
  probeToken: text(podVariables.probeToken, ''),
  /** By which name the sidecar adds itself to the Via of what it forwards; empty: not at all. */
  via: pseudonym('HEDDLE_VIA'),
  logLevel: oneOf('HEDDLE_LOG_LEVEL', logLevels, 'info'),
  accessLog: oneOf('HEDDLE_ACCESS_LOG', accessLogModes, 'all'),
  accessLogSample: integer('HEDDLE_ACCESS_LOG_SAMPLE', 1, { min: 1, max: 1_000_000 }),
  logFlushMs: integer('HEDDLE_LOG_FLUSH_MS', 100, { min: 0, max: 10_000 }),
  /** How long a first connection waits for the agent's word on its destination. */
  discoveryWaitMs: integer('HEDDLE_DISCOVERY_WAIT_MS', 1000, { min: 0, max: 60_000 }),
  /** How long the sidecar says "not ready" while no agent answers. */
  startWaitMs: integer('HEDDLE_START_WAIT_MS', 5000, { min: 0, max: 600_000 }),
  detectTimeoutMs: integer('HEDDLE_DETECT_TIMEOUT_MS', 200, { min: 1, max: 60_000 }),
  connectTimeoutMs: integer('HEDDLE_CONNECT_TIMEOUT_MS', 5000, day),
  headerTimeoutMs: integer('HEDDLE_HEADER_TIMEOUT_MS', 10_000, day),
  /** Between two pieces of a body, and until a response begins. */
  progressTimeoutMs: integer('HEDDLE_PROGRESS_TIMEOUT_MS', 300_000, day),
  idleTimeoutMs: integer('HEDDLE_IDLE_TIMEOUT_MS', 3_600_000, day),
  upstreamIdleTimeoutMs: integer('HEDDLE_UPSTREAM_IDLE_TIMEOUT_MS', 60_000, day),
  maxConnections: integer('HEDDLE_MAX_CONNECTIONS', 10_000, { min: 1, max: 1_000_000 }),
  maxUpstreamConnections: integer('HEDDLE_MAX_UPSTREAM_CONNECTIONS', 1024, { min: 1, max: 60_000 }),
  maxWaitingRequests: integer('HEDDLE_MAX_WAITING_REQUESTS', 1024, { min: 0, max: 1_000_000 }),
  /** What may wait in this process in all: unfinished heads, bodies, pipelined requests, responses that are not read. */
  maxHeldBytes: integer('HEDDLE_MAX_HELD_BYTES', 16_777_216, { min: 1_048_576, max: 17_179_869_184 }),
  shutdownGraceMs: integer('HEDDLE_SHUTDOWN_GRACE_MS', 30_000, { min: 0, max: 3_600_000 }),
};

/** A name for Via (RFC 9110 section 7.6.3: a token), or none. */
function pseudonym(variable: string): Setting<string> {
  return {
    variable,
    parse: (given = '') =>
      /^[\w!#$%&'*+.^`|~-]{0,64}$/.test(given)
        ? { ok: true, value: given }
        : { ok: false, message: 'give one word of at most 64 letters, digits and -._~' },
  };
}

/** How agent and sidecar know each other; undefined without a CA: plain text, and a token is not sent. */
export function readAuthentication(settings: {
  readonly agentAddress: string;
  readonly agentCaFile: string;
  readonly agentTokenFile: string;
  readonly agentServerName: string;
}): AgentAuthentication | undefined {
  const { agentAddress, agentCaFile, agentTokenFile, agentServerName } = settings;
  if (agentCaFile === '') return undefined;
  const host = agentAddress.replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
  return {
    caFile: agentCaFile,
    tokenFile: agentTokenFile,
    serverName: agentServerName === '' ? host : agentServerName,
  };
}
