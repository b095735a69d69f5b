import { isDeepStrictEqual } from 'node:util';
import type { ObjectEvent } from '../../kubernetes/known.ts';
import type { RawObject } from '../../kubernetes/rawObject.ts';
import { decodeServed } from '../objects/decode.ts';
import type { KubernetesObject } from '../objects/types.ts';
import type { SourceEvent } from '../source.ts';
import type { WatchedKindName } from './kinds.ts';

/** Told of objects that cannot be read, by `namespace/name`; no messages: it can be read again, or is gone. */
export type ReportProblems = (key: string, messages: readonly string[], was: 'good' | 'never good') => void;

/**
 * The objects of one kind as decoded. One that cannot be decoded keeps its last good version; one that never was good is
 * absent, which makes nothing incomplete: it would hold up every removal in the cluster for as long as nobody mends it.
 */
export class DecodedObjects {
  readonly #kind: WatchedKindName;
  readonly #report: ReportProblems;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #problems = new Map<string, string>();

  constructor(kind: WatchedKindName, report: ReportProblems) {
    this.#kind = kind;
    this.#report = report;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** What the event means; nothing when no field that we read has changed. */
  take(event: ObjectEvent): SourceEvent | undefined {
    return event.type === 'deleted' ? this.#delete(event.key) : this.#apply(event.key, event.object);
  }

  #apply(key: string, raw: RawObject): SourceEvent | undefined {
    const decoded = decodeServed(this.#kind, raw);
    const known = this.#objects.get(key);
    this.#tell(key, decoded.ok ? [] : decoded.problems.map(({ message }) => message));
    if (!decoded.ok) return undefined;
    if (known !== undefined && isDeepStrictEqual(known, decoded.object)) return undefined;
    this.#objects.set(key, decoded.object);
    return { type: 'applied', object: decoded.object };
  }

  #delete(key: string): SourceEvent | undefined {
    this.#problems.delete(key);
    const object = this.#objects.get(key);
    this.#objects.delete(key);
    return object === undefined ? undefined : { type: 'deleted', object };
  }

  #tell(key: string, messages: readonly string[]): void {
    const told = messages.join('\n');
    if ((this.#problems.get(key) ?? '') === told) return;
    if (told === '') this.#problems.delete(key);
    else this.#problems.set(key, told);
    this.#report(key, messages, this.#objects.has(key) ? 'good' : 'never good');
  }
}
