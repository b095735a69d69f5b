import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Fields of a Protobuf message by their numbers: the few that the cases need are told apart by what they hold. */
export type Message = readonly (readonly [number: number, value: number | Uint8Array])[];

/** The bytes of a message. */
export function encode(message: Message): Buffer {
  const writer = new BinaryWriter();
  for (const [number, value] of message) {
    if (typeof value === 'number') writer.tag(number, WireType.Varint).int32(value);
    else writer.tag(number, WireType.LengthDelimited).bytes(value);
  }
  return Buffer.from(writer.finish());
}

/** The fields of a message, those of other types left out. */
export function decode(bytes: Uint8Array): Message {
  const reader = new BinaryReader(bytes);
  const message: [number, number | Uint8Array][] = [];
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type === WireType.Varint) message.push([number, reader.int32()]);
    else if (type === WireType.LengthDelimited) message.push([number, reader.bytes()]);
    else reader.skip(type, number);
  }
  return message;
}

/** The number in a field, 0 when it is not there. */
export function numberIn(message: Message, field: number): number {
  const value = message.find(([number]) => number === field)?.[1];
  return typeof value === 'number' ? value : 0;
}

/** The messages in a repeated field. */
export function messagesIn(message: Message, field: number): Message[] {
  return message.flatMap(([number, value]) => (number === field && typeof value !== 'number' ? [decode(value)] : []));
}

/** The bytes of the Payload in a field. */
export function bodyIn(message: Message, field: number): Uint8Array {
  const [of = []] = messagesIn(message, field);
  const body = of.find(([number]) => number === 2)?.[1];
  return typeof body === 'object' ? body : new Uint8Array();
}

/** A Payload of so many zeros. */
export function payload(length: number): Buffer {
  return encode([[2, Buffer.alloc(length)]]);
}

/** The numbers of the fields of requests (`SimpleRequest`, `StreamingOutputCallRequest`). */
export const field = { size: 2, parameters: 2, payload: 3, status: 7 } as const;

/** The metadata that servers send back, before their answers and behind them. */
export const initial = 'x-grpc-test-echo-initial';
export const trailing = 'x-grpc-test-echo-trailing-bin';

/** `grpc.testing.TestService`, as gRPC publishes it for tests of interoperability. */
export const testService = {
  emptyCall: method('EmptyCall', false, false),
  unaryCall: method('UnaryCall', false, false),
  streamingOutputCall: method('StreamingOutputCall', false, true),
  streamingInputCall: method('StreamingInputCall', true, false),
  fullDuplexCall: method('FullDuplexCall', true, true),
} as const satisfies ServiceDefinition;

/** A method of it, or of another service. */
export function method(
  name: string,
  requestStream: boolean,
  responseStream: boolean,
  service = 'TestService',
): MethodDefinition<Message, Message> {
  return {
    path: `/grpc.testing.${service}/${name}`,
    requestStream,
    responseStream,
    requestSerialize: encode,
    requestDeserialize: decode,
    responseSerialize: encode,
    responseDeserialize: decode,
  };
}
