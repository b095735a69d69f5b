import { agentName, injectorName, systemNamespace } from '../contract/objects.ts';
import { ports } from '../contract/ports.ts';
import { podVariables } from '../contract/variables.ts';
import { logLevels } from '../runtime/log.ts';
import { address, integer, oneOf, type Setting, text } from '../runtime/settings.ts';

const port = { min: 1, max: 65_535 };
const day = 86_400_000;
/** From ten seconds, for tests, to twenty years. */
const lifetime = { min: 10_000, max: 20 * 366 * day };

/** The environment of heddle-injector. Times are milliseconds. */
export const injectorSettings = {
  image: text('HEDDLE_IMAGE', undefined, 'the image of the containers that are added to pods'),
  namespace: name('HEDDLE_NAMESPACE', systemNamespace),
  webhookName: name('HEDDLE_WEBHOOK_NAME', injectorName),
  webhookPort: integer('HEDDLE_WEBHOOK_PORT', ports.webhook, port),
  readyPort: integer(podVariables.readyPort, ports.ready, port),
  agentAddress: address('HEDDLE_AGENT_ADDRESS', `${agentName}.${systemNamespace}.svc:${ports.agent}`, 1),
  cpuRequest: quantity('HEDDLE_SIDECAR_CPU_REQUEST', '20m'),
  cpuLimit: quantity('HEDDLE_SIDECAR_CPU_LIMIT', 'none'),
  memoryRequest: quantity('HEDDLE_SIDECAR_MEMORY_REQUEST', '64Mi'),
  memoryLimit: quantity('HEDDLE_SIDECAR_MEMORY_LIMIT', '256Mi'),
  caLifetimeMs: integer('HEDDLE_CA_LIFETIME_MS', 3652 * day, lifetime),
  certificateLifetimeMs: integer('HEDDLE_CERTIFICATE_LIFETIME_MS', 90 * day, lifetime),
  /** How long a new CA is trusted before it signs. */
  caOverlapMs: integer('HEDDLE_CA_OVERLAP_MS', day, { min: 0, max: 366 * day }),
  /** How often certificates, caBundle and ConfigMaps are looked at. */
  trustPollMs: integer('HEDDLE_TRUST_POLL_MS', 3000, { min: 100, max: 60_000 }),
  /** How long requests are still served after SIGTERM, until no API server is sent here any more. */
  shutdownGraceMs: integer('HEDDLE_SHUTDOWN_GRACE_MS', 5000, { min: 0, max: 60_000 }),
  logLevel: oneOf('HEDDLE_LOG_LEVEL', logLevels, 'info'),
};

/** The version that an image reference names: its tag, else its digest, else `latest`, which is what neither means. */
export function versionOf(image: string): string {
  const [, tag, digest] = /^[^@]*?(?::([\w.-]+))?(?:@(.+))?$/.exec(image) ?? [];
  return tag ?? digest ?? 'latest';
}

/**
 * What is wrong with lifetimes that are right one by one: a CA is replaced at two thirds of its life, and must still
 * live when it has been trusted beside its successor and the last certificate that it signed has expired.
 */
export function checkLifetimes(given: {
  readonly caLifetimeMs: number;
  readonly certificateLifetimeMs: number;
  readonly caOverlapMs: number;
}): readonly string[] {
  const { caLifetimeMs, certificateLifetimeMs, caOverlapMs } = given;
  if ((certificateLifetimeMs + caOverlapMs) * 3 <= caLifetimeMs) return [];
  return [
    `HEDDLE_CA_LIFETIME_MS="${caLifetimeMs}": give at least three times HEDDLE_CERTIFICATE_LIFETIME_MS + HEDDLE_CA_OVERLAP_MS (${(certificateLifetimeMs + caOverlapMs) * 3})`,
  ];
}

/** A quantity of Kubernetes; undefined for `none`. */
function quantity(variable: string, fallback: string): Setting<string | undefined> {
  return {
    variable,
    parse(given) {
      const value = given ?? fallback;
      if (value === 'none') return { ok: true, value: undefined };
      return /^\d+(?:\.\d+)?(?:m|k|[MGTPE]|[KMGTPE]i)?$/.test(value)
        ? { ok: true, value }
        : { ok: false, message: `give a quantity such as 100m, 1 or 128Mi, or none (default ${fallback})` };
    },
  };
}

/** The name of an object: it becomes part of paths. */
function name(variable: string, fallback: string): Setting<string> {
  return {
    variable,
    parse(given) {
      const value = given ?? fallback;
      return /^[a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?$/.test(value)
        ? { ok: true, value }
        : { ok: false, message: `give the name of an object, in lower case (default ${fallback})` };
    },
  };
}
