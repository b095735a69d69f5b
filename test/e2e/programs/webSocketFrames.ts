import type { Duplex } from 'node:stream';

/** A frame as it came, unmasked: `first` has its opcode, and whether the message ends here. */
export type Frame = { readonly first: number; readonly payload: Buffer };

/** One frame (RFC 6455 section 5.2), masked as a client has to where `mask` is given. */
export function frame(first: number, payload: Buffer, mask?: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = (length < 126 ? length : length < 65_536 ? 126 : 127) | (mask === undefined ? 0 : 128);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return mask === undefined ? Buffer.concat([head, payload]) : Buffer.concat([head, mask, masked(payload, mask)]);
}

/** Has each frame that comes on `socket`, behind these bytes, looked at. */
export function readFrames(socket: Duplex, first: Buffer, onFrame: (frame: Frame) => void): void {
  let kept = first;
  const read = (): void => {
    for (let cut = cutFrame(kept); cut !== undefined; cut = cutFrame(kept)) {
      kept = kept.subarray(cut.end);
      onFrame(cut.frame);
    }
  };
  socket.on('data', (bytes: Buffer) => {
    kept = Buffer.concat([kept, bytes]);
    read();
  });
  read();
}

function cutFrame(bytes: Buffer): { readonly frame: Frame; readonly end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const isMasked = ((bytes[1] ?? 0) & 128) !== 0;
  const short = (bytes[1] ?? 0) & 127;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  const start = at + (isMasked ? 4 : 0);
  if (bytes.length < start) return undefined;
  const end = start + (short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)));
  if (bytes.length < end) return undefined;
  const payload = bytes.subarray(start, end);
  const plain = isMasked ? masked(payload, bytes.subarray(at, start)) : Buffer.from(payload);
  return { frame: { first: bytes[0] ?? 0, payload: plain }, end };
}

function masked(payload: Buffer, mask: Buffer): Buffer {
  return Buffer.from(payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
}
