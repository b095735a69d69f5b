import type { KubernetesObject } from '../../../agent/objects/types.ts';
import { Store } from '../../../agent/store.ts';
import { compareText } from '../../../agent/translate/compare.ts';
import type { Change } from '../../../agent/translate/derived.ts';
import type {
  DestinationRouting,
  RouteStatus,
  ServiceEndpoints,
  TranslationChanges,
} from '../../../agent/translate/result.ts';
import { onlyHolder } from '../../../agent/translate/peers.ts';
import type { Peer } from '../../../routing/model.ts';
import { Translation } from '../../../agent/translate/translate.ts';

/** All that a translation has told of, sorted. */
export type Whole = {
  readonly routings: readonly DestinationRouting[];
  readonly endpoints: readonly ServiceEndpoints[];
  readonly statuses: readonly RouteStatus[];
  readonly problems: readonly { readonly object: string; readonly message: string }[];
};

/** Returns what keeps all that is new in a translation, as those do who live on one, and answers with what there is. */
export function keepTranslation(): (changes: TranslationChanges) => Whole {
  const routings = new Map<string, DestinationRouting>();
  const endpoints = new Map<string, ServiceEndpoints>();
  const statuses = new Map<string, RouteStatus>();
  const problems = new Map<string, readonly string[]>();
  return (changes) => {
    keep(routings, changes.routings);
    keep(endpoints, changes.endpoints);
    keep(statuses, changes.statuses);
    keep(problems, changes.problems);
    return {
      routings: sort(routings, ({ destination, clientNamespace = '' }) => [destination, clientNamespace]),
      endpoints: sort(endpoints, ({ name }) => [name]),
      statuses: sort(statuses, ({ namespace, name, kind }) => [namespace, name, kind]),
      problems: [...problems]
        .flatMap(([object, messages]) => messages.map((message) => ({ object, message })))
        .sort((one, other) => compareText(one.object, other.object) || compareText(one.message, other.message)),
    };
  };
}

/** What there is, what was new in that, and what is declared of a pod's ports. */
export type Followed = Whole & {
  readonly changes: TranslationChanges;
  readonly inboundOf: Translation['inboundOf'];
  /** Whose an address is. */
  readonly peerOf: (address: string) => Peer | undefined;
};

/** Returns what translates a store as it is now, and what was new in that. */
export function followTranslation(): (store: Store) => Followed {
  const translation = new Translation();
  const kept = keepTranslation();
  return (store) => {
    const changes = translation.update(store.objects, store.takeChanged());
    return {
      ...kept(changes),
      changes,
      inboundOf: (place) => translation.inboundOf(place),
      peerOf: (address) => onlyHolder(translation.holdersOf(address)),
    };
  };
}

/** The translation of these objects from scratch. */
export function translateAll(objects: Iterable<KubernetesObject>): Whole {
  const store = new Store();
  for (const object of objects) store.apply({ type: 'applied', object });
  return withoutChanges(followTranslation()(store));
}

/** Only what there is, not how it came. */
export function withoutChanges({ routings, endpoints, statuses, problems }: Whole): Whole {
  return { routings, endpoints, statuses, problems };
}

function keep<V>(kept: Map<string, V>, changes: readonly Change<V>[]): void {
  for (const { key, before, after } of changes) {
    if (kept.get(key) !== before) throw new Error(`${key} was another one than it is said to have been`);
    if (after === undefined) kept.delete(key);
    else kept.set(key, after);
  }
}

function sort<V>(values: ReadonlyMap<string, V>, by: (value: V) => readonly string[]): readonly V[] {
  const compare = (one: V, other: V): number => {
    const [mine, yours] = [by(one), by(other)];
    return mine.map((text, index) => compareText(text, yours[index] ?? '')).find((order) => order !== 0) ?? 0;
  };
  return values.values().toArray().sort(compare);
}
