import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import type { JsonObject } from '../../runtime/json.ts';
import type { Logger } from '../../runtime/log.ts';
import { reasonOf } from '../../runtime/reason.ts';
import {
  isGone,
  listConfigMaps,
  listInjectedNamespaces,
  listOptedIn,
  putConfigMap,
  readConfigMap,
} from './configMaps.ts';
import { Refusals } from './refusals.ts';

/** What was read of the cluster before the CAs were: the ConfigMaps of the namespaces that this round looks at. */
export type Seen = {
  readonly places: ReadonlyMap<string, JsonObject | undefined>;
  /** `all`: every namespace that has or needs one; `missing`: only those not known to have it. */
  readonly looked: 'all' | 'missing';
};

/** How often all ConfigMaps are compared, for those that somebody changed or deleted. */
const compareEveryMs = 60_000;
const ensuredForMs = 1000;
/** Of what is read one by one in a round. */
const mostSingly = 50;

/** Keeps ConfigMap heddle-ca in every namespace with injection, and in those with pods that asked for it. */
export class TrustedNamespaces {
  readonly #api: Api;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #written = new Set<string>();
  readonly #refusals = new Refusals();
  readonly #ensured = new Map<string, { readonly until: number; readonly done: Promise<void> }>();
  #optedIn: readonly string[] = [];
  #bundle: string | undefined;
  #comparedAt = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly api: Api; readonly log: Logger; readonly now: () => number }) {
    this.#api = options.api;
    this.#log = options.log;
    this.#now = options.now;
  }

  /** Reads what `reconcile` needs; must come before the CAs are read. */
  async look(): Promise<Seen> {
    const labelled = await listInjectedNamespaces(this.#api);
    const now = this.#now();
    if (now < this.#comparedAt + compareEveryMs) return this.#lookSingly(new Set([...labelled, ...this.#optedIn]), now);
    this.#optedIn = await listOptedIn(this.#api);
    const present = await listConfigMaps(this.#api);
    const needed = new Set([...labelled, ...this.#optedIn, ...present.keys()]);
    for (const namespace of this.#written) if (!needed.has(namespace)) this.#written.delete(namespace);
    this.#refusals.keepOnly(needed);
    return { looked: 'all', places: new Map([...needed].map((namespace) => [namespace, present.get(namespace)])) };
  }

  async #lookSingly(needed: ReadonlySet<string>, now: number): Promise<Seen> {
    const missing = [...needed].filter(
      (namespace) => !this.#written.has(namespace) && !this.#refusals.holds(namespace, now),
    );
    const places = new Map<string, JsonObject | undefined>();
    for (const namespace of missing.slice(0, mostSingly)) {
      places.set(namespace, await readConfigMap(this.#api, namespace));
    }
    return { looked: 'missing', places };
  }

  /**
   * Writes where what was seen says something else. `again` when everything must be looked at anew. Rejects with what one
   * namespace answered that refuses, after all others.
   */
  async reconcile({ looked, places }: Seen, bundle: string): Promise<'done' | 'again'> {
    const isNew = this.#bundle !== bundle;
    this.#bundle = bundle;
    if (isNew && looked === 'missing') {
      this.#comparedAt = Number.NEGATIVE_INFINITY;
      return 'again';
    }
    for (const [namespace, present] of places) {
      if (!this.#refusals.holds(namespace, this.#now())) await this.#put(namespace, present, bundle);
    }
    if (looked === 'all') this.#comparedAt = this.#now();
    const { error } = this.#refusals;
    if (error !== undefined) throw error;
    return 'done';
  }

  async #put(namespace: string, present: JsonObject | undefined, bundle: string): Promise<void> {
    try {
      const result = await putConfigMap(this.#api, { namespace, present }, bundle);
      if (result === 'written') this.#log.info({ namespace }, 'CA bundle written for a namespace');
      this.#written.add(namespace);
      this.#refusals.forget(namespace);
    } catch (error) {
      this.#written.delete(namespace);
      // A conflict: another replica was faster, which the next look will show.
      if (isGone(error) || isApiStatus(error, 409)) this.#refusals.forget(namespace);
      else this.#refusals.note(namespace, error, this.#now());
    }
  }

  /**
   * Where a pod with a sidecar is known to be or to come. What was found a moment ago is not asked again; what was found
   * earlier is, since a namespace may have been deleted and made anew. Never rejects: a pod can start before its
   * ConfigMap is there.
   */
  async ensure(namespace: string): Promise<void> {
    const bundle = this.#bundle;
    if (bundle === undefined) return;
    const now = this.#now();
    const known = this.#ensured.get(namespace);
    if (known !== undefined && now < known.until) return known.done;
    for (const [name, { until }] of this.#ensured) if (now >= until) this.#ensured.delete(name);
    const done = this.#create(namespace, bundle);
    this.#ensured.set(namespace, { until: now + ensuredForMs, done });
    await done;
  }

  async #create(namespace: string, bundle: string): Promise<void> {
    if (this.#refusals.holds(namespace, this.#now())) return;
    try {
      await putConfigMap(this.#api, { namespace, present: undefined }, bundle);
      this.#log.info({ namespace }, 'CA bundle written for a namespace');
    } catch (error) {
      if (isApiStatus(error, 409)) return;
      this.#ensured.delete(namespace);
      this.#written.delete(namespace);
      if (!isGone(error)) this.#refusals.note(namespace, error, this.#now());
      this.#log.warn({ namespace, reason: reasonOf(error) }, 'The CA bundle could not be written for a namespace');
    }
    // From now on it is looked after in each round, also where only this pod asked for it.
    if (!this.#optedIn.includes(namespace)) this.#optedIn = [...this.#optedIn, namespace];
  }
}
