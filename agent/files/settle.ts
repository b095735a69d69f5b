import { type KubernetesObject, objectKey } from '../objects/types.ts';
import type { FileProblem, LocatedObject, ParsedFile } from './parse.ts';

/** One file: what was read last, and the last good version, which serves. */
export type FileState = { readonly parsed: ParsedFile; readonly good: readonly LocatedObject[] };

export type Settled = { readonly good: readonly LocatedObject[]; readonly problems: readonly FileProblem[] };

/**
 * Decides which version of each file serves: the one read last, or the last good one where that is broken or holds an
 * object that another file holds too. The file that served an object first keeps it; among new files, the first by name.
 */
export function settleFiles(files: ReadonlyMap<string, FileState>): ReadonlyMap<string, Settled> {
  const names = [...files.keys()].sort();
  const settled = new Map<string, Settled>();
  for (const [name, { parsed, good }] of files) {
    settled.set(name, parsed.ok ? { good: parsed.objects, problems: [] } : { good, problems: parsed.problems });
  }
  // A file that falls back may claim objects again, so look until nobody falls back; each turn settles one for good.
  const fallen = new Set([...files.keys()].filter((name) => settled.get(name)?.problems.length !== 0));
  for (;;) {
    const loser = findLoser(names, files, { settled, fallen });
    if (loser === undefined) return settled;
    fallen.add(loser.name);
    settled.set(loser.name, { good: files.get(loser.name)?.good ?? [], problems: loser.problems });
  }
}

type Progress = { readonly settled: ReadonlyMap<string, Settled>; readonly fallen: ReadonlySet<string> };

function findLoser(
  names: readonly string[],
  files: ReadonlyMap<string, FileState>,
  { settled, fallen }: Progress,
): { readonly name: string; readonly problems: readonly FileProblem[] } | undefined {
  const owners = new Map<string, string>();
  const claim = (name: string, objects: readonly LocatedObject[]): void => {
    for (const { object } of objects) if (!owners.has(objectKey(object))) owners.set(objectKey(object), name);
  };
  // First those who cannot give way, then those who served the object until now, then the rest by name.
  for (const name of names) if (fallen.has(name)) claim(name, settled.get(name)?.good ?? []);
  for (const name of names) claim(name, stillServed(settled.get(name)?.good ?? [], files.get(name)?.good ?? []));
  for (const name of names) claim(name, settled.get(name)?.good ?? []);
  for (const name of names) {
    if (fallen.has(name)) continue;
    const problems = (settled.get(name)?.good ?? []).flatMap(({ object, line }) => {
      const owner = owners.get(objectKey(object)) ?? name;
      const message = `${objectKey(object)} is also in ${owner}; remove it from one of the two files`;
      return owner === name ? [] : [{ line, message }];
    });
    if (problems.length > 0) return { name, problems };
  }
  return undefined;
}

function stillServed(now: readonly LocatedObject[], before: readonly LocatedObject[]): readonly LocatedObject[] {
  const keys = new Set(before.map(({ object }) => objectKey(object)));
  return now.filter(({ object }) => keys.has(objectKey(object)));
}

/** All objects that serve, by key. */
export function servedObjects(settled: ReadonlyMap<string, Settled>): ReadonlyMap<string, KubernetesObject> {
  const served = new Map<string, KubernetesObject>();
  for (const { good } of settled.values()) for (const { object } of good) served.set(objectKey(object), object);
  return served;
}
