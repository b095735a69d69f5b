import type { Message } from '@bufbuild/protobuf';
import type { Protocol } from '../model.ts';
import type { Protocol as WireProtocol } from './generated/heddle/v1/routing_pb.ts';
import { protocolNumbers } from './words.ts';

/** A decoded message that the model does not allow; thrown and caught inside the decoder only. */
export class InvalidMessage extends Error {
  override readonly name = 'InvalidMessage';
}

/** Throws, naming the field, when something does not hold. */
export function expect(holds: boolean, field: string, problem: string): asserts holds {
  if (!holds) throw new InvalidMessage(`${field} ${problem}`);
}

/** A whole number from `min` to `max`. */
export function expectBetween(value: number, field: string, [min, max]: readonly [number, number]): number {
  expect(value >= min && value <= max, field, `is ${value}, not from ${min} to ${max}`);
  return value;
}

/** A port, 1 to 65535. */
export function expectPort(port: number, field: string): number {
  return expectBetween(port, field, [1, 65_535]);
}

/** A text with at least one character. */
export function expectText(text: string, field: string): string {
  expect(text !== '', field, 'is empty');
  return text;
}

/** The model's word for a number on the wire. */
export function expectWord<W extends string>(numbers: Readonly<Record<W, number>>, value: number, field: string): W {
  for (const word of Object.keys(numbers) as W[]) if (numbers[word] === value) return word;
  throw new InvalidMessage(`${field} is ${value}, which this version does not know: upgrade the older of the two`);
}

/** The model's word for a protocol. */
export function expectProtocol(protocol: WireProtocol, field: string): Protocol {
  return expectWord(protocolNumbers, protocol, field);
}

/** Whether a newer version wrote a field that this one does not know. */
export function hasUnknownFields(message: Message): boolean {
  return message.$unknown !== undefined && message.$unknown.length > 0;
}

/** Throws when a newer version wrote a field that this one does not know: where nothing smaller than the resource can fail. */
export function expectNoUnknownFields(message: Message, field: string): void {
  const numbers = [...new Set(message.$unknown?.map(({ no }) => no))];
  expect(numbers.length === 0, field, `has field ${numbers.join(', ')}, ${tooOld}`);
}

/** What to do when a message has more in it than this version knows; follows what that is. */
export const tooOld = 'which this sidecar is too old for: upgrade the sidecar';
