import { randomBytes } from 'node:crypto';

/** A message, or a frame of control, as a server sent it. */
export type Frame = { readonly opcode: number; readonly payload: Buffer };

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** More in one message is nothing that is asked for here. */
const longestMessage = 64 * 1024 * 1024;

/** A whole message as a client sends it, masked (RFC 6455 section 5). */
export function encodeFrame(opcode: number, payload: Uint8Array, mask: Uint8Array = randomBytes(4)): Buffer {
  const { length } = payload;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.alloc(6 + extended + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  const at = 2 + extended;
  frame.set(mask, at);
  for (let index = 0; index < length; index += 1)
    frame[at + 4 + index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  return frame;
}

/** Reads what a server sends, in whatever pieces it comes; messages in several frames are put together. */
export class FrameReader {
  #waiting: Buffer = Buffer.alloc(0);
  #message: { readonly opcode: number; readonly parts: Buffer[]; bytes: number } | undefined;

  /** The messages and frames of control that are whole now. Throws where the bytes are no WebSocket. */
  push(bytes: Buffer): readonly Frame[] {
    this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    const frames: Frame[] = [];
    for (let head = readHead(this.#waiting); head !== undefined; head = readHead(this.#waiting)) {
      const payload = Buffer.from(this.#waiting.subarray(head.from, head.to));
      this.#waiting = this.#waiting.subarray(head.to);
      const whole = this.#take(head, payload);
      if (whole !== undefined) frames.push(whole);
    }
    return frames;
  }

  #take({ opcode, isLast }: Head, payload: Buffer): Frame | undefined {
    if (opcode >= opcodes.close) return { opcode, payload };
    if ((opcode === opcodes.continuation) !== (this.#message !== undefined))
      throw new Error('a message of the WebSocket began within another, or none had begun');
    const message = (this.#message ??= { opcode, parts: [], bytes: 0 });
    message.parts.push(payload);
    message.bytes += payload.length;
    if (message.bytes > longestMessage)
      throw new Error(`a message of the WebSocket has more than ${longestMessage} bytes`);
    if (!isLast) return undefined;
    this.#message = undefined;
    return { opcode: message.opcode, payload: Buffer.concat(message.parts) };
  }
}

type Head = { readonly opcode: number; readonly isLast: boolean; readonly from: number; readonly to: number };

/** Undefined while the frame is not whole. */
function readHead(bytes: Buffer): Head | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  if ((first & 0x70) !== 0 || (second & 0x80) !== 0)
    throw new Error('a frame of the WebSocket is masked, or has bits that were not agreed on');
  const short = second & 0x7f;
  const from = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < from) return undefined;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (length > longestMessage) throw new Error(`a frame of the WebSocket has more than ${longestMessage} bytes`);
  if (bytes.length < from + length) return undefined;
  return { opcode: first & 0x0f, isLast: (first & 0x80) !== 0, from, to: from + length };
}
