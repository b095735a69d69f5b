import { sidecarName } from '../../contract/containers.ts';
import { sidecarPorts } from '../../contract/ports.ts';
import { probeTokenHeader } from '../../contract/probes.ts';
import { podVariables } from '../../contract/variables.ts';
import { isObject, type JsonObject, objectsOf, textOf } from '../../runtime/json.ts';
import { type Operation, pointer } from './operation.ts';
import type { Pod } from './pod.ts';
import { eachProbe, resolvePort } from './probes.ts';

/**
 * HTTP probes bring along a secret of their pod, so that the sidecar can tell them from requests of others, who could
 * set any User-Agent. Those that do not pass through the sidecar as plain HTTP stay as they are. `token` is what an
 * earlier admission gave, else the fresh one; undefined where no probe has it.
 */
export function markProbes(
  pod: Pod,
  skippedPorts: readonly number[],
  freshToken: string,
): { readonly operations: readonly Operation[]; readonly token: string | undefined } {
  const token = givenToken(pod) ?? freshToken;
  const operations: Operation[] = [];
  let isUsed = false;
  eachProbe(pod, ({ probe, container, steps }) => {
    const { httpGet } = probe;
    if (!isObject(httpGet) || !passesThrough(httpGet, container, skippedPorts)) return;
    isUsed = true;
    operations.push(...mark(httpGet['httpHeaders'], token, pointer(...steps, 'httpGet', 'httpHeaders')));
  });
  return { operations, token: isUsed ? token : undefined };
}

function mark(given: unknown, token: string, path: string): Operation[] {
  const value = { name: probeTokenHeader, value: token };
  if (!Array.isArray(given)) return [{ op: 'add', path, value: [value] }];
  const headers: readonly unknown[] = given;
  const at = headers.findIndex((header) => isObject(header) && header['name'] === probeTokenHeader);
  if (at === -1) return [{ op: 'add', path: `${path}/-`, value }];
  const header = headers[at];
  return isObject(header) && header['value'] === token ? [] : [{ op: 'replace', path: `${path}/${at}`, value }];
}

function givenToken({ initContainers }: Pod): string | undefined {
  const sidecar = initContainers.find(({ name }) => name === sidecarName);
  const found = objectsOf(sidecar?.['env']).find(({ name }) => name === podVariables.probeToken);
  const token = found === undefined ? undefined : textOf(found, 'value');
  return token !== undefined && /^[\w-]{16,64}$/.test(token) ? token : undefined;
}

function passesThrough(httpGet: JsonObject, container: JsonObject, skippedPorts: readonly number[]): boolean {
  const port = resolvePort(httpGet['port'], container);
  if (port === undefined || skippedPorts.includes(port) || sidecarPorts.has(port)) return false;
  return (textOf(httpGet, 'host') ?? '') === '' && (textOf(httpGet, 'scheme') ?? 'HTTP') === 'HTTP';
}
