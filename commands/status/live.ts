import type { Delivery, StreamState } from '../../agent/discovery/deliveries.ts';
import { compareText } from '../../agent/translate/compare.ts';
import type { MeshPort } from '../mesh/mesh.ts';

/** On how many of the sidecars that use something its present version is. */
export type Live = {
  readonly live: number;
  readonly sidecars: number;
  /** From the change until acknowledged, of those for which an agent has seen it. */
  readonly p99Ms?: number;
  /** Those that do not have it, and why. */
  readonly behind: readonly Behind[];
};

export type Behind = { readonly sidecar: string; readonly why: string };

/** A port, and the clients there that are meant: those of a namespace, or of all that have no routes of their own. */
export type Audience = { readonly port: MeshPort; readonly clientNamespace: string | undefined };

/** How far what an audience is told is known to its sidecars. A sidecar counts once, with its worst. */
export function liveAt(streams: readonly StreamState[], audiences: readonly Audience[]): Live {
  const bySidecar = new Map<string, Delivery[]>();
  for (const stream of streams)
    for (const { port, clientNamespace } of audiences) {
      if (audienceOf(port, stream.namespace) !== clientNamespace) continue;
      const deliveries = port.addresses.flatMap((address) => stream.routings[address] ?? []);
      const name = sidecarName(stream);
      if (deliveries.length > 0) bySidecar.set(name, [...(bySidecar.get(name) ?? []), ...deliveries]);
    }
  const behind: Behind[] = [];
  const took: number[] = [];
  for (const [sidecar, deliveries] of bySidecar) {
    const late = deliveries.find(({ state }) => state !== 'live');
    if (late !== undefined) behind.push({ sidecar, why: whyBehind(late) });
    for (const delivery of deliveries)
      if (delivery.state === 'live' && delivery.tookMs !== undefined) took.push(delivery.tookMs);
  }
  const p99Ms = percentile(took, 0.99);
  return {
    live: bySidecar.size - behind.length,
    sidecars: bySidecar.size,
    ...(p99Ms !== undefined && { p99Ms }),
    behind: behind.toSorted((one, other) => compareText(one.sidecar, other.sidecar)),
  };
}

/** Which of a port's routings the clients of a namespace are told. */
function audienceOf(port: MeshPort, namespace: string | undefined): string | undefined {
  return namespace !== undefined && port.routings.has(namespace) ? namespace : undefined;
}

/** `namespace/pod`, where it is known. */
export function sidecarName({ namespace, pod }: StreamState): string {
  return namespace === undefined ? 'one that no agent knows' : `${namespace}/${pod ?? ''}`;
}

/** Why a sidecar does not have the present version, for people. */
export function whyBehind(delivery: Delivery): string {
  if (delivery.state === 'rejected') return `it has rejected it: ${delivery.reason}`;
  if (delivery.state === 'older') return 'it is older than its agent and cannot read it; restart the pod';
  return delivery.state === 'waits' ? 'it has not acknowledged it yet' : '';
}

/** The nearest rank; undefined of nothing. */
export function percentile(values: readonly number[], part: number): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
}
