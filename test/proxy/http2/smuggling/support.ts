import type { ExecutionContext } from 'ava';
import { preface } from '../../../../proxy/http2/protocol.ts';
import type { Protocol } from '../../../../routing/model.ts';
import { backendSample, matchSample, routeSample } from '../../../routing/samples.ts';
import { type Backend, startBackend } from '../../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar } from '../../harness.ts';
import type { Peer } from '../../peer.ts';
import { type Field, integer } from '../hpack/blocks.ts';
import { Inflater } from '../hpack/nghttp2.ts';
import {
  both,
  connectRaw,
  continuation,
  data,
  emptySettings,
  endHeaders,
  endStream,
  frame,
  framesOf,
  headers,
  literal,
  rstStream,
  type Seen,
  settings,
  uint32,
  windowUpdate,
} from '../raw.ts';

const mostInFrame = 16_384;

/** A sidecar before a Service with a route, whose one backend is asked in this protocol. */
export async function routedTo(
  t: ExecutionContext,
  protocol: Protocol,
  port: number,
): Promise<{ readonly sidecar: Sidecar; readonly service: number }> {
  const sidecar = setUp(t);
  const backend = backendSample({ target: { type: 'Endpoints', endpoints: 'shop/cart:80', protocol } });
  // The second is for `*`, which has no path that begins with a slash.
  const matches = [matchSample(), { ...matchSample(), path: { type: 'Exact', value: '*' } as const }];
  const rules = [{ index: 0, matches, filters: [], backends: [backend] }];
  sidecar.apply(routingSample({ routes: [{ ...routeSample([]), rules }] }), endpointsOf('cart', readyEndpoint(port)));
  return { sidecar, service: await sidecar.service() };
}

/** Fields as literals that no table keeps. */
export function blockOf(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.flatMap((field) => [Buffer.from([0]), ...string(field[0]), ...string(field[1])]));
}

function string(text: string): Buffer[] {
  return [integer(7, 0, text.length), Buffer.from(text, 'latin1')];
}

/** A field of HTTP/1.1 as HTTP/2 has it. */
export function asField(line: string): string {
  return line.replace(/^[^:]+/, (name) => name.toLowerCase()).replace(/:[ \t]*/, ': ');
}

/** What stands behind a head of HTTP/1.1, as HTTP/2 has it; one that is chunked is one chunk. */
export function splitContent(content: string, coding: 'chunked' | 'none'): Pick<StreamEnd, 'body' | 'trailers'> {
  if (coding === 'none') return { body: content, trailers: [] };
  const bodyEnd = content.lastIndexOf('\n0\r\n');
  const lines = content.slice(bodyEnd + 4).split('\r\n');
  return { body: content.slice(0, bodyEnd), trailers: lines.filter((line) => line !== '').map(asField) };
}

/** HEADERS with as many CONTINUATION as the block needs. */
export function headFrames(id: number, block: Buffer, flag: 0 | typeof endStream): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at === 0 || at < block.length; at += mostInFrame) {
    const isLast = at + mostInFrame >= block.length;
    const own = (isLast ? endHeaders : 0) | (at === 0 ? flag : 0);
    pieces.push(frame(at === 0 ? headers : continuation, own, id, block.subarray(at, at + mostInFrame)));
  }
  return Buffer.concat(pieces);
}

/** DATA that ends its stream. */
export const lastData = (id: number, body: string): Buffer => frame(data, endStream, id, body);

/** How a stream ended for its client. */
export type StreamEnd = {
  /** Of its response; 0: it was reset, by this code. */
  readonly status: number;
  readonly reset: number | undefined;
  /** The statuses and fields of what came before it. */
  readonly interim: readonly (readonly string[])[];
  readonly body: string;
  readonly fields: readonly string[];
  readonly trailers: readonly string[];
};

/** A client of raw frames, whose answers nghttp2's decoder reads. */
export class RawClient {
  readonly peer: Peer;
  private readonly inflater = new Inflater();
  private read = 0;
  private block = Buffer.alloc(0);
  private readonly seen: { readonly frame: Seen; readonly fields: readonly string[] }[] = [];

  constructor(t: ExecutionContext, peer: Peer) {
    this.peer = peer;
    t.teardown(() => this.inflater.free());
  }

  /** Waits until the stream is over. */
  async ended(id: number): Promise<StreamEnd> {
    const isOver = (): boolean =>
      this.take().some(({ frame: one }) => one.id === id && isEnd(one)) && this.block.length === 0;
    await this.peer.until(() => isOver() || this.peer.closed);
    const own = this.seen.filter(({ frame: one }) => one.id === id);
    const reset = own.find(({ frame: { type } }) => type === rstStream)?.frame.payload.readUInt32BE(0);
    const heads = own.map(({ fields }) => fields).filter(({ length }) => length > 0);
    const at = heads.findIndex(([first = '']) => /^:status: [2-9]/.test(first));
    const body = own
      .filter(({ frame: { type } }) => type === data)
      .map(({ frame: one }) => one.payload.toString('latin1'));
    return {
      status: Number(heads[at]?.[0]?.slice(':status: '.length) ?? 0),
      reset,
      interim: heads.slice(0, Math.max(0, at)),
      body: body.join(''),
      fields: heads[at]?.slice(1) ?? [],
      trailers: heads[at + 1] ?? [],
    };
  }

  private take(): typeof this.seen {
    for (const one of framesOf(this.peer).slice(this.read)) {
      this.read++;
      const isBlock = one.type === headers || one.type === continuation;
      if (isBlock) this.block = Buffer.concat([this.block, one.payload]);
      const isWhole = isBlock && (one.flags & endHeaders) !== 0;
      const fields = isWhole ? linesOf(this.inflater, this.block) : [];
      if (isWhole) this.block = Buffer.alloc(0);
      // A head in several frames stands in the last of them.
      this.seen.push({ frame: one, fields });
    }
    return this.seen;
  }
}

function isEnd({ type, flags }: Seen): boolean {
  return type === rstStream || ((type === headers || type === data) && (flags & endStream) !== 0);
}

function linesOf(inflater: Inflater, block: Buffer): readonly string[] {
  const { fields, problem } = inflater.decode(block);
  if (problem !== undefined) throw new Error(problem);
  return fields.map(([name, value]) => `${name}: ${value}`);
}

/** Connects a client of raw frames. */
export async function connectClient(t: ExecutionContext, port: number): Promise<RawClient> {
  return new RawClient(t, await connectRaw(t, port));
}

/** A request as a server of HTTP/2 sees it. */
export type SeenHttp2 = {
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
};

/** What a server of raw frames says to a request: all that it sends for its stream. */
export type Reply = (id: number) => Buffer;

const okReply: Reply = (id) =>
  Buffer.concat([
    frame(headers, endHeaders, id, Buffer.concat([Buffer.from([0x88]), literal('content-length', '2')])),
    lastData(id, 'ok'),
  ]);

/** A server of raw frames that keeps what it saw, read by nghttp2's decoder, and answers every request once it is whole. */
export async function startHttp2Recorder(
  t: ExecutionContext,
  reply: (seen: SeenHttp2) => Reply = () => okReply,
): Promise<Backend & { readonly requests: SeenHttp2[] }> {
  const requests: SeenHttp2[] = [];
  const backend = await startBackend(t, (peer) => {
    const inflater = new Inflater();
    t.teardown(() => inflater.free());
    const streams = new Map<number, { heads: (readonly string[])[]; body: string; ended: boolean }>();
    let read = 0;
    let block = Buffer.alloc(0);
    peer.write(emptySettings);
    peer.socket.on('data', () => {
      if (peer.text.length < preface.length) return;
      for (const one of framesOf(peer, preface.length).slice(read)) {
        read++;
        if (one.type === settings && one.flags === 0) peer.write(frame(settings, 1, 0));
        if (one.id === 0) continue;
        const stream = streams.get(one.id) ?? { heads: [], body: '', ended: false };
        // Of a head in several frames the first tells it.
        stream.ended ||= isEnd(one);
        streams.set(one.id, stream);
        if (one.type === data && one.payload.length > 0) {
          stream.body += one.payload.toString('latin1');
          for (const id of [0, one.id]) peer.write(frame(windowUpdate, 0, id, uint32(one.payload.length)));
        }
        if (one.type === headers || one.type === continuation) {
          block = Buffer.concat([block, one.payload]);
          if ((one.flags & endHeaders) === 0) continue;
          stream.heads.push(linesOf(inflater, block));
          block = Buffer.alloc(0);
        }
        if (!stream.ended || one.type === rstStream) continue;
        const seen = { fields: stream.heads[0] ?? [], body: stream.body, trailers: stream.heads[1] ?? [] };
        requests.push(seen);
        peer.write(reply(seen)(one.id));
      }
    });
    peer.socket.on('end', () => peer.end());
  });
  return { ...backend, requests };
}

/** A plain request whose answer tells that nothing of an earlier one is left. */
export const after = (id: number): Buffer =>
  frame(
    headers,
    both,
    id,
    blockOf([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':authority', 'x'],
      [':path', '/after'],
    ]),
  );
