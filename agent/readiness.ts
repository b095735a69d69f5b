import type { Readiness } from '../runtime/ready.ts';

/** When an agent may be given sidecars: every kind has listed that something served follows from, and the first configuration is served. */
export class AgentReadiness {
  readonly #waitingFor: Set<string>;
  readonly #signal: AbortSignal;
  #isServing = false;

  /** `kinds`: what must list first, none where a folder is read. The signal ends readiness for good. */
  constructor(kinds: readonly string[], signal: AbortSignal) {
    this.#waitingFor = new Set(kinds);
    this.#signal = signal;
  }

  /** A kind has listed, or is not served, which is as good. */
  hasListed(kind: string): void {
    this.#waitingFor.delete(kind);
  }

  isServing(): void {
    this.#isServing = true;
  }

  state(): Readiness {
    if (this.#signal.aborted) return { ready: false, message: 'The agent is shutting down.' };
    if (this.#isServing) return { ready: true };
    const kinds = [...this.#waitingFor].join(', ');
    const message = kinds === '' ? 'The first configuration is being made.' : `Not listed yet: ${kinds}; see the log.`;
    return { ready: false, message };
  }
}
