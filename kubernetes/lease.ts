import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../runtime/log.ts';
import { reasonOf } from '../runtime/reason.ts';
import { type Api, type ApiRequest, isApiStatus } from './api.ts';
import { type LeaseName, readLease, releasedLease, takenLease } from './leaseObject.ts';
import {
  decideLease,
  heldUntilMs,
  isHeld,
  type LeaseContext,
  type LeaseState,
  type LeaseTiming,
  renewLease,
  seeLease,
  unknownLease,
} from './leaseState.ts';

export type LeaseOptions = LeaseName & {
  readonly api: Api;
  /** Of this process alone: the pod's name and something random. */
  readonly identity: string;
  readonly log: Logger;
  readonly timing?: LeaseTiming;
  /** Called when leadership begins and when it ends; what it returns at the end is waited for before a release. */
  readonly onChange: (leading: boolean) => Promise<void> | void;
};

export type Leadership = {
  /** False from `renewDeadlineMs` after the last renewal on, which is before anybody else can hold the Lease. */
  isLeader(): boolean;
  /** Ends; a Lease that is held is given up, so that the next one takes over at its next look. */
  close(): Promise<void>;
};

/** Those of client-go. */
export const defaultLeaseTiming: LeaseTiming = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };

/** Takes part in leader election by a Lease of the Kubernetes API until closed. Never rejects. */
export function joinLease(options: LeaseOptions): Leadership {
  const { timing = defaultLeaseTiming } = options;
  if (timing.leaseDurationMs <= timing.renewDeadlineMs || timing.renewDeadlineMs <= timing.retryMs * 1.2)
    throw new RangeError('leaseDurationMs must exceed renewDeadlineMs, and that 1.2 times retryMs');
  const election = new Election({ ...options, timing });
  const ended = election.run();
  return {
    isLeader: () => election.isLeader(),
    async close() {
      election.end();
      await ended;
    },
  };
}

/** After somebody wrote in between. */
const soonMs = 100;
const releaseTimeoutMs = 1500;

class Election {
  readonly #options: LeaseOptions & { readonly timing: LeaseTiming };
  readonly #path: string;
  readonly #closing = new AbortController();
  #state: LeaseState = unknownLease;
  #leading = false;
  #deadline: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | void = undefined;
  #failing = false;

  constructor(options: LeaseOptions & { readonly timing: LeaseTiming }) {
    this.#options = options;
    this.#path = `/apis/coordination.k8s.io/v1/namespaces/${options.namespace}/leases`;
  }

  isLeader(): boolean {
    return this.#leading && isHeld(this.#state, this.#context());
  }

  end(): void {
    this.#closing.abort();
    this.#stop('closing');
  }

  async run(): Promise<void> {
    const { retryMs } = this.#options.timing;
    while (!this.#closing.signal.aborted) {
      const waitMs = await this.#try().catch((error: unknown) => this.#fail(error));
      // Jitter keeps those that wait from asking all at once.
      const pauseMs = waitMs ?? retryMs * (this.#leading ? 1 : 1 + Math.random() * 0.2);
      await sleep(pauseMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
    await this.#stopped;
    await this.#release();
  }

  /** One round of client-go's tryAcquireOrRenew; returns how long to wait if that is not the usual pause. */
  async #try(): Promise<number | undefined> {
    // A holder knows its own Lease and renews it with one request.
    if (!isHeld(this.#state, this.#context())) await this.#look();
    const action = decideLease(this.#state, this.#context());
    this.#failing = false;
    if (action.type === 'wait') return action.ms;
    const body = takenLease(action, this.#options, Date.now());
    const sentAtMs = performance.now();
    try {
      const answer = await this.#request(
        action.type === 'create'
          ? { method: 'POST', path: this.#path, body }
          : { method: 'PUT', path: `${this.#path}/${this.#options.name}`, body },
      );
      this.#state = renewLease(readLease(answer), sentAtMs);
    } catch (error) {
      // 404: deleted in between. What we knew is past either way; the deadline of the last renewal still counts.
      if (!isApiStatus(error, 409) && !isApiStatus(error, 404)) throw error;
      await this.#look();
      const { seen } = this.#state;
      return seen === undefined || seen.holder === this.#options.identity ? soonMs : undefined;
    }
    this.#start();
    return undefined;
  }

  async #look(): Promise<void> {
    const path = `${this.#path}/${this.#options.name}`;
    const answer = await this.#request({ path }).catch((error: unknown) => {
      if (isApiStatus(error, 404)) return undefined;
      throw error;
    });
    const lease = answer === undefined ? undefined : readLease(answer);
    this.#state = seeLease(this.#state, lease, performance.now());
    if (this.#leading && lease !== undefined && lease.holder !== this.#options.identity) this.#stop('taken by another');
  }

  #request(request: Pick<ApiRequest, 'method' | 'path' | 'body' | 'timeoutMs'>): Promise<unknown> {
    return this.#options.api.request({ timeoutMs: this.#options.timing.renewDeadlineMs / 2, ...request });
  }

  #start(): void {
    clearTimeout(this.#deadline);
    if (this.#closing.signal.aborted) return;
    const leftMs = heldUntilMs(this.#state, this.#context()) - performance.now();
    if (leftMs <= 0) return;
    this.#deadline = setTimeout(() => this.#stop('not renewed in time'), leftMs);
    if (this.#leading) return;
    this.#leading = true;
    this.#options.log.info({ lease: this.#options.name, identity: this.#options.identity }, 'Leading');
    void this.#options.onChange(true);
  }

  #stop(why: string): void {
    clearTimeout(this.#deadline);
    if (!this.#leading) return;
    this.#leading = false;
    this.#options.log.info({ lease: this.#options.name, reason: why }, 'No longer leading');
    this.#stopped = this.#options.onChange(false);
  }

  async #release(): Promise<void> {
    const { seen } = this.#state;
    if (seen === undefined || !isHeld(this.#state, this.#context())) return;
    const path = `${this.#path}/${this.#options.name}`;
    const body = releasedLease(this.#options, seen, Date.now());
    // Whoever cannot be told will find the Lease expired; shutting down does not wait for that.
    await this.#request({ method: 'PUT', path, body, timeoutMs: releaseTimeoutMs }).catch(() => undefined);
  }

  /** Logged once until a request succeeds again. */
  #fail(error: unknown): undefined {
    if (!this.#failing && !this.#closing.signal.aborted)
      this.#options.log.warn(
        { lease: this.#options.name, reason: reasonOf(error) },
        'Lease cannot be read or written; trying on',
      );
    this.#failing = true;
  }

  #context(): LeaseContext {
    const { identity, timing } = this.#options;
    return { identity, timing, nowMs: performance.now() };
  }
}
