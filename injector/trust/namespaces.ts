import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import type { JsonObject } from '../../runtime/json.ts';
import type { Logger } from '../../runtime/log.ts';
import { reasonOf } from '../../runtime/reason.ts';
import { isGone, listConfigMaps, listInjectedNamespaces, putConfigMap, type TrustBundle } from './configMaps.ts';

/** What was read of the cluster before the CAs were; without `present`, only namespaces without a ConfigMap count. */
export type Seen = {
  readonly labelled: readonly string[];
  readonly present: ReadonlyMap<string, JsonObject> | undefined;
};

/** How often all ConfigMaps are compared, for those that somebody changed or deleted. */
const compareEveryMs = 60_000;
const ensuredForMs = 1000;

/** Keeps ConfigMap heddle-ca in every namespace with injection, and in those where a pod asked for it. */
export class TrustedNamespaces {
  readonly #api: Api;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #written = new Set<string>();
  readonly #ensured = new Map<string, { readonly until: number; readonly done: Promise<void> }>();
  #bundle: TrustBundle | undefined;
  #comparedAt = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly api: Api; readonly log: Logger; readonly now: () => number }) {
    this.#api = options.api;
    this.#log = options.log;
    this.#now = options.now;
  }

  /** Reads what `reconcile` needs; must come before the CAs are read. */
  async look(): Promise<Seen> {
    const labelled = await listInjectedNamespaces(this.#api);
    const isDue =
      this.#now() >= this.#comparedAt + compareEveryMs || labelled.some((namespace) => !this.#written.has(namespace));
    return { labelled, present: isDue ? await listConfigMaps(this.#api) : undefined };
  }

  /** Writes where what was seen says something else. `again` when everything must be looked at anew. */
  async reconcile({ labelled, present }: Seen, bundle: TrustBundle): Promise<'done' | 'again'> {
    const isNew = this.#bundle?.pem !== bundle.pem || this.#bundle.owner.uid !== bundle.owner.uid;
    this.#bundle = bundle;
    if (present === undefined) {
      if (isNew) this.#comparedAt = Number.NEGATIVE_INFINITY;
      return isNew ? 'again' : 'done';
    }
    const failed: unknown[] = [];
    for (const namespace of new Set([...labelled, ...present.keys()])) {
      try {
        const result = await putConfigMap(this.#api, { namespace, present: present.get(namespace) }, bundle);
        if (result === 'written') this.#log.info({ namespace }, 'CA bundle written for a namespace');
        this.#written.add(namespace);
      } catch (error) {
        this.#written.delete(namespace);
        // A conflict: another replica was faster, which the next look will show.
        if (!isGone(error) && !isApiStatus(error, 409)) failed.push(error);
      }
    }
    for (const namespace of this.#written) {
      if (!present.has(namespace) && !labelled.includes(namespace)) this.#written.delete(namespace);
    }
    if (failed.length > 0) throw failed[0];
    this.#comparedAt = this.#now();
    return 'done';
  }

  /**
   * Before a pod is admitted. What was found a moment ago is not asked again; what was found earlier is, since a namespace
   * may have been deleted and made anew. Never rejects: a pod can start before its ConfigMap is there.
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

  async #create(namespace: string, bundle: TrustBundle): Promise<void> {
    try {
      await putConfigMap(this.#api, { namespace, present: undefined }, bundle);
      this.#log.info({ namespace }, 'CA bundle written for a namespace');
    } catch (error) {
      if (isApiStatus(error, 409)) return;
      this.#ensured.delete(namespace);
      this.#written.delete(namespace);
      this.#log.warn({ namespace, reason: reasonOf(error) }, 'The CA bundle could not be written for a namespace');
    }
  }
}
