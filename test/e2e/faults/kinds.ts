import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DeltaDiscoveryResponseSchema } from '../../../routing/wire/generated/envoy/service/discovery/v3/discovery_pb.ts';

export type Response = Omit<
  Extract<MessageInitShape<typeof DeltaDiscoveryResponseSchema>, { $typeName?: never }>,
  '$typeName'
>;

/** What an agent can do on a stream that stands. */
export type Talk = {
  /** What the sidecar wants of a type. */
  names(typeUrl: string): readonly string[];
  respond(response: Response): void;
  write(bytes: Uint8Array): void;
};

/**
 * One way of being no agent: a message, which a sidecar answers by its nonce or hangs up on; a stream that ends badly, behind
 * good headers or instead of them; a connection that never becomes HTTP/2.
 */
export type Kind = { readonly name: string } & (
  | { readonly type: 'message'; readonly to: (talk: Talk) => string | Promise<string> }
  | {
      readonly type: 'stream';
      readonly when: 'instead' | 'behind';
      readonly to: (stream: ServerHttp2Stream) => void | Promise<void>;
    }
  | { readonly type: 'connection'; readonly to: (socket: Socket) => Promise<void> }
);
