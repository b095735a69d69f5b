/**
 * Which endpoint the client stays with (https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity): all
 * that a sidecar sends is of one client. With one for each address family, as a Service has an address in each.
 */
export class Affinity<E> {
  private readonly stays = new Map<4 | 6, { readonly with: E; untilMs: number }>();
  /** How long it stays from its last use on. */
  timeoutMs: number;

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** The endpoint that it stays with; a new choice where that is none of the candidates any more, or its time is over. */
  choose(family: 4 | 6, { candidates, nowMs, pick }: Choice<E>): E | undefined {
    const stay = this.stays.get(family);
    const chosen = stay !== undefined && nowMs < stay.untilMs && candidates.includes(stay.with) ? stay.with : pick();
    if (chosen !== undefined) this.stays.set(family, { with: chosen, untilMs: nowMs + this.timeoutMs });
    return chosen;
  }
}

type Choice<E> = { readonly candidates: readonly E[]; readonly nowMs: number; readonly pick: () => E | undefined };
