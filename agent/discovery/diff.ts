import type { Resource } from './resources.ts';
import { mayShareSubject } from './version.ts';

/** What the client has of each subscribed name: a version, null for "it does not exist", undefined before any answer. */
export type Known = Map<string, string | null | undefined>;

export type Difference = { readonly resources: readonly Resource[]; readonly removed: readonly string[] };

/** What there is, as one client sees it. */
export type View = {
  /** Names of which the client keeps what it has, since what there is here may be only a part of it. */
  readonly held: ReadonlySet<string>;
  lookup(name: string): Resource | undefined;
  /** Told of each name of which the client keeps an earlier version, since it cannot read the present one. */
  readonly onKept: (name: string) => void;
};

/** A response is closed once it holds so many bytes; the rest follows in the next one. */
const responseBytes = 512 * 1024;

/**
 * Takes names out of `pending` and compares what the client knows of them with what there is; records the result as
 * known. undefined when there is nothing to tell. A name that is held and differs stays in `pending`.
 */
export function takeDifference(known: Known, pending: Set<string>, view: View): Difference | undefined {
  const resources: Resource[] = [];
  const removed: string[] = [];
  let bytes = 0;
  for (const name of pending) {
    if (bytes >= responseBytes) break;
    const resource = view.lookup(name);
    const version = resource?.content.version ?? null;
    const same = known.get(name) === version;
    if (!same && view.held.has(name)) continue;
    pending.delete(name);
    if (same) continue;
    if (resource?.content.isRefusal === true && isEarlierVersion(known.get(name), resource)) {
      view.onKept(name);
      continue;
    }
    known.set(name, version);
    if (resource === undefined) removed.push(name);
    else resources.push(resource);
    bytes += name.length + (resource?.content.value().byteLength ?? 0);
  }
  return resources.length + removed.length > 0 ? { resources, removed } : undefined;
}

/** What the client has is better than a refusal, unless it is another Service's, which had the address before. */
function isEarlierVersion(known: string | null | undefined, refusal: Resource): boolean {
  return typeof known === 'string' && mayShareSubject(known, refusal.content.version);
}
