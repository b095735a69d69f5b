import { sidecarName } from '../../contract/containers.ts';
import { ports as meshPorts } from '../../contract/ports.ts';
import { probedPort, tcpProbePath } from '../../contract/probes.ts';
import { isObject, type JsonObject, objectsOf, textOf } from '../../runtime/json.ts';
import { type Operation, pointer } from './operation.ts';
import type { Pod } from './pod.ts';

const kinds = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/**
 * tcpSocket probes become questions to the sidecar: it accepts every redirected connection, so that such a probe would
 * always succeed. HTTP and gRPC probes pass through the inbound sidecar to the application and stay as they are; so do
 * probes of another host, and of ports that are not redirected. `ports` are those that the sidecar may be asked about,
 * which includes the ones of probes that were rewritten before.
 */
export function rewriteProbes(
  pod: Pod,
  skippedPorts: readonly number[],
): {
  readonly operations: readonly Operation[];
  readonly ports: readonly number[];
  readonly warnings: readonly string[];
} {
  const operations: Operation[] = [];
  const ports = new Set<number>();
  const warnings: string[] = [];

  function rewrite({ kind, probe, container, steps }: Probe): void {
    const before = rewrittenPort(probe);
    if (before !== undefined) ports.add(before);
    const { tcpSocket } = probe;
    if (!isObject(tcpSocket) || (textOf(tcpSocket, 'host') ?? '') !== '') return;
    const port = resolvePort(tcpSocket['port'], container);
    if (port === undefined) {
      warnings.push(
        `${kind} of container ${String(container['name'])} names port ${JSON.stringify(tcpSocket['port'])}, which its ports do not declare: the probe will fail; declare the port or write its number`,
      );
      return;
    }
    if (skippedPorts.includes(port)) return;
    ports.add(port);
    operations.push(
      { op: 'remove', path: pointer(...steps, 'tcpSocket') },
      { op: 'add', path: pointer(...steps, 'httpGet'), value: { path: tcpProbePath(port), port: meshPorts.ready } },
    );
  }

  eachProbe(pod, rewrite);
  return { operations, ports: [...ports].sort((a, b) => a - b), warnings };
}

type Probe = {
  readonly kind: (typeof kinds)[number];
  readonly probe: JsonObject;
  readonly container: JsonObject;
  /** To the probe. */
  readonly steps: readonly (string | number)[];
};

/** Every probe of a pod but those of the sidecar. */
export function eachProbe(pod: Pod, visit: (probe: Probe) => void): void {
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [index, container] of pod[list].entries()) {
      if (container['name'] === sidecarName) continue;
      for (const kind of kinds) {
        const probe = container[kind];
        if (isObject(probe)) visit({ kind, probe, container, steps: ['spec', list, index, kind] });
      }
    }
  }
}

function rewrittenPort({ httpGet }: JsonObject): number | undefined {
  if (!isObject(httpGet) || httpGet['port'] !== meshPorts.ready) return undefined;
  const port = probedPort(textOf(httpGet, 'path') ?? '');
  return isPort(Number(port)) ? Number(port) : undefined;
}

/** The number of a probe's port, if it has one: the kubelet looks a name up among the ports of the very container. */
export function resolvePort(port: unknown, container: JsonObject): number | undefined {
  if (isPort(port)) return port;
  if (typeof port !== 'string') return undefined;
  if (/^\d{1,5}$/.test(port)) return isPort(Number(port)) ? Number(port) : undefined;
  const number = objectsOf(container['ports']).find(({ name }) => name === port)?.['containerPort'];
  return isPort(number) ? number : undefined;
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
}
