import type { ExecutionContext } from 'ava';
import { errorCodes, type ErrorName, flags, frameTypes, preface } from '../../../proxy/http2/protocol.ts';
import { connect, type Peer } from '../peer.ts';

/** One frame, byte by byte. */
export function frame(
  type: number,
  flag: number,
  id: number,
  payload: Buffer | string | readonly number[] = [],
): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : Buffer.from(payload as Buffer);
  const head = Buffer.alloc(9);
  head.writeUIntBE(bytes.length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, bytes]);
}

/** A number of four bytes. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** A literal field that no table keeps. */
export function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), string(name), string(value)]);
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const head =
    bytes.length < 127 ? [bytes.length] : [127, ((bytes.length - 127) & 127) | 128, (bytes.length - 127) >> 7];
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** `GET http://x/` as static fields and one literal. */
export const getBlock = Buffer.concat([Buffer.from([0x82, 0x86, 0x84, 0x41]), string('x')]);
/** The same with POST. */
export const postBlock = Buffer.concat([Buffer.from([0x83, 0x86, 0x84, 0x41]), string('x')]);
/** `:status: 200` */
export const okBlock = Buffer.from([0x88]);

export const endHeaders = flags.endHeaders;
export const endStream = flags.endStream;
export const both = flags.endHeaders | flags.endStream;
export const { data, headers, priority, rstStream, settings, pushPromise, ping, goaway, windowUpdate, continuation } =
  frameTypes;

export const emptySettings = frame(settings, 0, 0);
/** A setting. */
export function setting(identifier: number, value: number): Buffer {
  return Buffer.concat([Buffer.from([identifier >> 8, identifier]), uint32(value)]);
}

/** A stream that is open: its request has a body, of which nothing has come. */
export const open = frame(headers, endHeaders, 1, postBlock);
export const zeros = (length: number): Buffer => Buffer.alloc(length);
/** GOAWAY without an error, of a server that has looked at this stream as the last. */
export const goawayBehind = (lastId: number): Buffer => frame(goaway, 0, 0, Buffer.concat([uint32(lastId), uint32(0)]));

/** How a client begins. */
export const start = Buffer.concat([preface, emptySettings]);

export type Seen = { readonly type: number; readonly flags: number; readonly id: number; readonly payload: Buffer };

/** Every frame that a peer has sent so far, from the position `from` of its bytes on. */
export function framesOf(peer: Peer, from = 0): Seen[] {
  const bytes = Buffer.from(peer.text, 'latin1');
  const seen: Seen[] = [];
  let at = from;
  while (bytes.length - at >= 9) {
    const length = bytes.readUIntBE(at, 3);
    if (bytes.length - at < 9 + length) break;
    const payload = bytes.subarray(at + 9, at + 9 + length);
    seen.push({ type: bytes[at + 3] ?? 0, flags: bytes[at + 4] ?? 0, id: bytes.readUInt32BE(at + 5), payload });
    at += 9 + length;
  }
  return seen;
}

/** The name of the code that a RST_STREAM or GOAWAY carries. */
export function codeOf({ type, payload }: Seen): ErrorName | number {
  const code = payload.readUInt32BE(type === goaway ? 4 : 0);
  return (Object.keys(errorCodes) as ErrorName[]).find((name) => errorCodes[name] === code) ?? code;
}

/** A raw HTTP/2 client of a port of loopback, that has sent its preface and SETTINGS. */
export async function connectRaw(t: ExecutionContext, port: number, first: Buffer = start): Promise<Peer> {
  const peer = await connect(port);
  t.teardown(() => peer.socket.destroy());
  peer.write(first);
  return peer;
}

/** Waits for a frame. */
export async function seesFrame(peer: Peer, holds: (seen: Seen) => boolean, from = 0): Promise<Seen> {
  await peer.until(() => framesOf(peer, from).some(holds) || peer.closed);
  const found = framesOf(peer, from).find(holds);
  if (found === undefined) throw new Error(`closed without it; ${JSON.stringify(framesOf(peer, from))}`);
  return found;
}
