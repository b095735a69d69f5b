import type { StreamState } from '../../agent/discovery/deliveries.ts';
import { compareText } from '../../agent/translate/compare.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { sidecarName, whyBehind } from './live.ts';
import type { AgentTold } from './readStreams.ts';

/** A sidecar as its agent knows it. */
export type PodRow = {
  /** `namespace/pod`. */
  readonly pod: string;
  readonly agent: string;
  readonly node?: string;
  /** What it cannot read, being older than its agent. */
  readonly lacks: readonly string[];
  readonly uses: readonly PodUse[];
};

/** A port that the pod uses; `behind`: why its sidecar has not the present routing. */
export type PodUse = { readonly port: string; readonly tookMs?: number; readonly behind?: string };

/** Every sidecar that has a stream, by its name. */
export function podRows(mesh: Mesh, told: readonly AgentTold[]): readonly PodRow[] {
  const names = new Map(
    [...mesh.ports.values()].flatMap(({ name, addresses }) => addresses.map((one) => [one, name] as const)),
  );
  return told
    .flatMap((one) => (one.ok ? one.streams.map((stream) => rowOf(one.agent, stream, names)) : []))
    .toSorted((one, other) => compareText(one.pod, other.pod) || compareText(one.agent, other.agent));
}

function rowOf(agent: string, stream: StreamState, names: ReadonlyMap<string, string>): PodRow {
  const uses = Object.entries(stream.routings).map(([destination, delivery]): PodUse => {
    const port = names.get(destination) ?? destination;
    if (delivery.state !== 'live') return { port, behind: whyBehind(delivery) };
    return delivery.tookMs === undefined ? { port } : { port, tookMs: delivery.tookMs };
  });
  return {
    pod: sidecarName(stream),
    agent,
    ...(stream.node !== undefined && { node: stream.node }),
    lacks: stream.lacks,
    uses: uses.toSorted((one, other) => compareText(one.port, other.port)),
  };
}
