import type { Resource } from './snapshot.ts';

/** What the client has of each subscribed name: a version, null for "it does not exist", undefined before any answer. */
export type Known = Map<string, string | null | undefined>;

export type Difference = { readonly resources: readonly Resource[]; readonly removed: readonly string[] };

/** What there is, as one client sees it. */
export type View = {
  /** False: a resource that is absent may still exist. */
  readonly complete: boolean;
  lookup(name: string): Resource | undefined;
};

/** A response is closed once it holds so many bytes; the rest follows in the next one. */
const responseBytes = 512 * 1024;

/**
 * Takes names out of `pending` and compares what the client knows of them with what there is; records the result as
 * known. undefined when there is nothing to tell. While the view is incomplete nothing that the client has is removed:
 * such a name stays in `pending`.
 */
export function takeDifference(known: Known, pending: Set<string>, view: View): Difference | undefined {
  const resources: Resource[] = [];
  const removed: string[] = [];
  let bytes = 0;
  for (const name of pending) {
    if (bytes >= responseBytes) break;
    const resource = view.lookup(name);
    if (resource === undefined && !view.complete && typeof known.get(name) === 'string') continue;
    pending.delete(name);
    const version = resource?.version ?? null;
    if (known.get(name) === version) continue;
    known.set(name, version);
    if (resource === undefined) removed.push(name);
    else resources.push(resource);
    bytes += name.length + (resource?.value.byteLength ?? 0);
  }
  return resources.length + removed.length > 0 ? { resources, removed } : undefined;
}
