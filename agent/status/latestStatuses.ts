import { fieldsOf } from '../../runtime/json.ts';
import type { ObservedStatus, ObservedStatuses } from '../cluster/observedStatus.ts';

/**
 * The newest known status of each route: what the watch brought, or what an answer to our own request said where the
 * watch lags behind it.
 */
export class LatestStatuses {
  readonly #observed: ObservedStatuses;
  readonly #answered = new Map<string, ObservedStatus>();

  constructor(observed: ObservedStatuses) {
    this.#observed = observed;
  }

  get(key: string): ObservedStatus | undefined {
    const observed = this.#observed.get(key);
    const answered = this.#answered.get(key);
    if (answered === undefined) return observed;
    if (observed !== undefined && isNewer(answered.resourceVersion, observed.resourceVersion)) return answered;
    this.#answered.delete(key);
    return observed;
  }

  /** Forgets all answers: after a time without writing, the watch is newer. */
  forget(): void {
    this.#answered.clear();
  }

  /** Takes a route as the API server answered it. */
  learn(key: string, route: unknown): void {
    const { metadata, status } = fieldsOf(route);
    const { uid, resourceVersion, generation } = fieldsOf(metadata);
    const { parents } = fieldsOf(status);
    if (typeof uid !== 'string' || typeof resourceVersion !== 'string') return;
    this.#answered.set(key, {
      uid,
      resourceVersion,
      generation: typeof generation === 'number' ? generation : 0,
      parents: Array.isArray(parents) ? parents : [],
    });
  }
}

/**
 * Resource versions of one resource are numbers that grow: https://kubernetes.io/docs/reference/using-api/api-concepts/
 * Where they are not, the watch counts; writing something stale then ends in a conflict, not in harm.
 */
function isNewer(one: string, other: string): boolean {
  return /^\d+$/.test(one) && /^\d+$/.test(other) && BigInt(one) > BigInt(other);
}
