import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import type { Endpoints, Inbound, Peer, ServiceRouting } from '../model.ts';
import { EndpointsSchema, InboundSchema, PeerSchema, ServiceRoutingSchema } from './generated/heddle/v1/routing_pb.ts';
import { type Lack, leaveOut, needsOf } from './lack.ts';
import { endpointsMessage, inboundMessage, peerMessage, serviceRoutingMessage } from './messages.ts';
import { type NewerPart, newerParts } from './newer.ts';
import { indexNewerParts } from './newerIndex.ts';
import { olderEndpoints, olderInbound, olderRouting } from './older.ts';

/** A resource in bytes; equal values give equal bytes, and what is not in the value is not in the bytes. */
export type Encoded = {
  readonly value: Uint8Array<ArrayBuffer>;
  /** The capabilities that reading it rightly needs; none: every sidecar reads it. */
  readonly needs: readonly string[];
  /** What a sidecar is to be sent that does not have these of the needs, encoded at each call. */
  readonly without: (missing: ReadonlySet<string>) => Older;
};

/** `isRefusal`: it says nothing but that the resource cannot be read; a sidecar that has an earlier version keeps that one. */
export type Older = { readonly value: Uint8Array<ArrayBuffer>; readonly isRefusal: boolean };

/** Encodes resources. They throw only for numbers that the model forbids. */
export type Encoder = {
  readonly serviceRouting: (routing: ServiceRouting) => Encoded;
  readonly endpoints: (endpoints: Endpoints) => Encoded;
  readonly inbound: (inbound: Inbound) => Encoded;
  readonly peer: (peer: Peer) => Encoded;
};

/** An encoder; `parts` are what not every sidecar can read. */
export function createEncoder(parts: readonly NewerPart<string>[] = newerParts): Encoder {
  const index = indexNewerParts(parts);

  function encoded<D extends DescMessage>(
    schema: D,
    make: () => MessageShape<D>,
    toOlder: (message: MessageShape<D>, lack: Lack) => { message: MessageShape<D>; isRefusal: boolean },
  ): Encoded {
    const message = make();
    return {
      value: toBinary(schema, message),
      needs: needsOf(message, index),
      without(missing) {
        const older = toOlder(make(), { index, missing });
        return { value: toBinary(schema, older.message), isRefusal: older.isRefusal };
      },
    };
  }

  return {
    serviceRouting: (routing) => encoded(ServiceRoutingSchema, () => serviceRoutingMessage(routing), olderRouting),
    endpoints: (endpoints) =>
      encoded(
        EndpointsSchema,
        () => endpointsMessage(endpoints),
        (message, lack) => ({ message: olderEndpoints(message, lack), isRefusal: false }),
      ),
    inbound: (inbound) =>
      encoded(
        InboundSchema,
        () => inboundMessage(inbound),
        (message, lack) => ({ message: olderInbound(message, lack), isRefusal: false }),
      ),
    peer: (peer) =>
      encoded(
        PeerSchema,
        () => peerMessage(peer),
        (message, lack) => {
          leaveOut(message, lack);
          return { message, isRefusal: false };
        },
      ),
  };
}
