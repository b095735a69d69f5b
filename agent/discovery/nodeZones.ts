import type { EndpointSlice } from '../objects/types.ts';

/**
 * The zones of nodes, as far as endpoints tell them: the agents' own Service has one on every node that has an agent, so
 * that no right to read nodes is needed. A zone is a node's for life; the few bytes of a node that is gone stay.
 */
export class NodeZones {
  readonly #zones = new Map<string, string>();

  /** Takes the slices as they are now, of which these changed, by `namespace/name`. */
  update(slices: ReadonlyMap<string, EndpointSlice>, changed: Iterable<string>): void {
    for (const name of changed) {
      for (const { node, zone } of slices.get(name)?.endpoints ?? []) {
        if (node !== undefined && zone !== undefined) this.#zones.set(node, zone);
      }
    }
  }

  get(node: string): string | undefined {
    return this.#zones.get(node);
  }
}
