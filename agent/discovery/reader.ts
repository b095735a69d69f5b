import type { Node } from '../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';
import { beginningOf } from '../../runtime/beginning.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Resource } from './resources.ts';

/** What the sidecar of a stream can read of what this agent says. */
export type Reader = {
  /** The capabilities that it does not have. */
  readonly lacks: ReadonlySet<string>;
  /** What the node calls itself. */
  readonly sidecar: string;
  /** The resource in the form in which it can read it. */
  formOf(resource: Resource | undefined): Resource | undefined;
  /** It keeps an earlier version of this resource: it cannot read the present one. */
  readonly onKept: (name: string) => void;
};

/** More of what a sidecar says of itself does not reach the log. */
const nodeLength = 256;

/** The reader that a node says it is. Of a sidecar that is older than this agent the log tells once. */
export function readerOf(node: Node | undefined, capabilities: readonly string[], log: Logger): Reader {
  const lacks = findLacks(node, capabilities);
  const kept = new Set<string>();
  const sidecar = node && beginningOf(node.id, nodeLength);
  if (lacks.size > 0) {
    log.info({ sidecar, lacks: [...lacks] }, 'Sidecar is older than this agent: it is sent what it can read');
  }
  return {
    lacks,
    sidecar: sidecar ?? '',
    formOf(resource) {
      if (resource === undefined || lacks.size === 0) return resource;
      return { name: resource.name, content: resource.content.without(lacks) };
    },
    onKept(name) {
      if (kept.has(name)) return;
      kept.add(name);
      log.warn({ sidecar, resource: name }, 'Sidecar cannot read a resource and keeps its earlier version');
    },
  };
}

/** On its own, so that nothing that is kept holds on to what the node said. */
function findLacks(node: Node | undefined, capabilities: readonly string[]): ReadonlySet<string> {
  const named = new Set(node?.clientFeatures);
  return new Set(capabilities.filter((capability) => !named.has(capability)));
}
