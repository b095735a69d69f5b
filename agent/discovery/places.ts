import { printName } from '../translate/compare.ts';
import type { Identity } from './identity.ts';
import { Holders } from './holders.ts';

export type PlaceLimits = {
  /** Streams in all. */
  readonly streams: number;
  /** Of one pod: its own, and one that it has lost and the agent not yet. */
  readonly perPod: number;
  /** From one address, before it is known which pods they are of, or if nobody can know. */
  readonly perPeer: number;
};

/** So many streams there are at most. Several pods may share an address, behind a node that translates theirs. */
export const placeLimits: PlaceLimits = { streams: 2000, perPod: 2, perPeer: 64 };

type Place<S> = { readonly held: Holders<S>; readonly holder: string };

/**
 * The places that streams have: bounded for each pod, and for each address as long as no pod is known, so that neither
 * takes those of others.
 */
export class Places<S> {
  readonly #limits: PlaceLimits;
  readonly #end: (stream: S) => void;
  readonly #byPod = new Holders<S>();
  readonly #byPeer = new Holders<S>();
  readonly #placeOf = new Map<S, Place<S>>();

  /** `end` is called with a stream that has to make room. */
  constructor(limits: PlaceLimits, end: (stream: S) => void) {
    this.#limits = limits;
    this.#end = end;
  }

  /** Why a stream from this address gets no place; undefined when it may enter. Makes room where one address has many. */
  findRefusal(peer: string): string | undefined {
    const { perPeer, streams } = this.#limits;
    if (this.#byPeer.countOf(peer) >= perPeer)
      return `at most ${perPeer} streams from one address while it is not known whose they are`;
    if (this.#placeOf.size < streams) return undefined;
    const greedy = this.#byPeer.oldestOfGreediest();
    if (greedy === undefined) return 'this agent serves too many streams';
    this.#leave(greedy);
    return undefined;
  }

  enter(stream: S, peer: string): void {
    this.#put(stream, { held: this.#byPeer, holder: peer });
  }

  /** Takes whose a stream is, which may change. Of a pod that has too many the oldest has to go: the pod may have lost it. */
  identify(stream: S, { namespace, pod }: Identity): void {
    const holder = printName({ namespace, name: pod });
    this.#put(stream, { held: this.#byPod, holder });
    const oldest = this.#byPod.oldestOf(holder);
    if (oldest !== undefined && this.#byPod.countOf(holder) > this.#limits.perPod) this.#leave(oldest);
  }

  /** The stream is gone. */
  forget(stream: S): void {
    const place = this.#placeOf.get(stream);
    place?.held.remove(place.holder, stream);
    this.#placeOf.delete(stream);
  }

  #put(stream: S, place: Place<S>): void {
    this.forget(stream);
    place.held.add(place.holder, stream);
    this.#placeOf.set(stream, place);
  }

  #leave(stream: S): void {
    this.forget(stream);
    this.#end(stream);
  }
}
