import { encodeDeltaResponse, withNonce } from '../../routing/wire/delta.ts';
import type { SessionResponse } from './session.ts';

type Said = Omit<SessionResponse, 'nonce'> & { readonly revision: string };
type Encoded = Said & { readonly bytes: Uint8Array };

/** What is larger is what a stream asked for first, which is another thing for each; it would be held for nothing. */
const sharedBytes = 64 * 1024;

/**
 * Makes bytes of responses. A change is the same response for most streams, but for its nonce: of each type the last one
 * is kept, so that it is encoded once for all of them.
 */
export class ResponseEncoder {
  readonly #last = new Map<string, Encoded>();

  encode({ nonce, ...said }: SessionResponse, revision: string): Buffer {
    return withNonce(this.#bytesOf({ ...said, revision }), nonce);
  }

  #bytesOf(said: Said): Uint8Array {
    const last = this.#last.get(said.typeUrl);
    if (last !== undefined && isSame(last, said)) return last.bytes;
    const { typeUrl, revision, resources, removed } = said;
    const bytes = encodeDeltaResponse({
      systemVersionInfo: revision,
      typeUrl,
      resources: resources.map(({ name, content }) => ({
        name,
        version: content.version,
        resource: { typeUrl, value: content.value() },
      })),
      removedResources: [...removed],
    });
    // Only types that there are have resources, so few are kept. That a name is not there is said of any type a client makes up.
    if (resources.length > 0 && bytes.length <= sharedBytes) this.#last.set(typeUrl, { ...said, bytes });
    return bytes;
  }
}

function isSame(one: Said, other: Said): boolean {
  return (
    one.revision === other.revision &&
    one.resources.length === other.resources.length &&
    one.removed.length === other.removed.length &&
    one.resources.every(({ name, content }, at) => {
      const beside = other.resources[at];
      return beside?.name === name && beside.content === content;
    }) &&
    one.removed.every((name, at) => name === other.removed[at])
  );
}
