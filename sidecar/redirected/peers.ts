import { peerFragment } from '../../proxy/observe/fragment.ts';
import type { Peer } from '../../routing/model.ts';
import { TokenBucket } from '../../runtime/tokenBucket.ts';

/** Who called, as a log line says it: from `peerFragment`, and another text once the agent has said whose the address is. */
export type Caller = { readonly fragment: string };

export type PeersOptions = {
  readonly interest: { want(address: string): void; drop(address: string): void };
  /** Whether anybody reads it. */
  readonly isLogged: () => boolean;
};

/** Those that called last are asked for: an agent keeps what each of a node's sidecars asks for, and so does this one. */
const limit = 256;
/** A peer that is no pod, or one of very many, is worth no more of the agent's time. */
const rate = { perSecond: 20, burst: 100 };

/**
 * Whose the addresses are that call this pod. The agent is asked at the first connection of each, and nobody waits for its
 * answer: the lines before it name the address alone.
 */
export class Peers {
  private readonly known = new Map<string, { fragment: string }>();
  private readonly options: PeersOptions;
  private readonly bucket = new TokenBucket(rate, performance.now());

  constructor(options: PeersOptions) {
    this.options = options;
  }

  /** Of whoever calls from this address now. */
  callerAt(address: string): Caller {
    const known = this.known.get(address);
    if (known !== undefined) {
      this.known.delete(address);
      this.known.set(address, known);
      return known;
    }
    const caller = { fragment: peerFragment({ peer: address }) };
    if (!this.options.isLogged() || !this.bucket.tryTake(performance.now())) return caller;
    this.known.set(address, caller);
    this.options.interest.want(address);
    this.forgetOldest();
    return caller;
  }

  /** Takes what the agent says of an address; without a pod: it is none's, as far as is known. */
  apply(address: string, peer?: Peer): void {
    const caller = this.known.get(address);
    if (caller === undefined) return;
    caller.fragment = peerFragment({ peer: address, peerPod: peer?.pod, peerNamespace: peer?.namespace });
  }

  private forgetOldest(): void {
    if (this.known.size <= limit) return;
    for (const oldest of this.known.keys()) {
      this.known.delete(oldest);
      this.options.interest.drop(oldest);
      return;
    }
  }
}
