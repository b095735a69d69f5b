import { once } from 'node:events';
import net from 'node:net';
import type { ExecutionContext } from 'ava';
import { Peer } from './peer.ts';

/** A raw server on loopback: every connection it got, in order. */
export type Backend = {
  readonly port: number;
  readonly peers: Peer[];
  /** Waits for the connection of this index. */
  peer(index: number): Promise<Peer>;
  close(): Promise<void>;
};

type BackendOptions = {
  readonly host?: string;
  readonly port?: number;
  /** Where it is to speak through another layer. */
  readonly makeServer?: (onSocket: (socket: net.Socket) => void) => net.Server;
};

/** Starts a raw server; `serve` is called with each connection. Port 0: any. */
export async function startBackend(
  t: ExecutionContext,
  serve: (peer: Peer, index: number) => void,
  options: BackendOptions = {},
): Promise<Backend> {
  const peers: Peer[] = [];
  const { makeServer = (onSocket) => net.createServer({ allowHalfOpen: true }, onSocket) } = options;
  const server = makeServer((socket) => {
    const peer = new Peer(socket);
    peers.push(peer);
    serve(peer, peers.length - 1);
    server.emit('peer');
  });
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const backend: Backend = {
    port: (server.address() as net.AddressInfo).port,
    peers,
    async peer(index) {
      while (peers[index] === undefined) await once(server, 'peer', { signal: AbortSignal.timeout(30_000) });
      return peers[index];
    },
    async close() {
      for (const { socket } of peers) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
  t.teardown(() => backend.close());
  return backend;
}

/** A request as a strict reader sees it, byte for byte. */
export type SeenRequest = { readonly head: string; readonly body: string };

/** Cuts a stream of bytes into requests, strictly; throws at what is no well-formed request. */
export class RequestReader {
  readonly requests: SeenRequest[] = [];
  private rest = '';

  /** Takes more bytes; returns how many requests they completed. */
  add(text: string): number {
    this.rest += text;
    const before = this.requests.length;
    while (this.cut());
    return this.requests.length - before;
  }

  /** Bytes of a request that is not complete. */
  get unfinished(): string {
    return this.rest;
  }

  private cut(): boolean {
    const end = this.rest.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = this.rest.slice(0, end + 4);
    checkHead(head);
    const start = end + 4;
    const stop = /^transfer-encoding:/im.test(head) ? endOfChunks(this.rest, start) : start + lengthOf(head);
    if (stop === undefined || stop > this.rest.length) return false;
    this.requests.push({ head, body: this.rest.slice(start, stop) });
    this.rest = this.rest.slice(stop);
    return true;
  }
}

function checkHead(head: string): void {
  const [line = '', ...fields] = head.slice(0, -4).split('\r\n');
  const good =
    /^[!#$%&'*+.^_`|~\w-]+ [\x21-\x22\x24-\x7e]+ HTTP\/1\.1$/.test(line) &&
    fields.every((field) => /^[!#$%&'*+.^_`|~\w-]+:[\t\x20-\x7e\x80-\xff]*$/.test(field)) &&
    fields.filter((field) => /^host:/i.test(field)).length === 1 &&
    fields.filter((field) => /^(?:content-length|transfer-encoding):/i.test(field)).length <= 1 &&
    !fields.some((field) => /^(?:keep-alive|proxy-connection):/i.test(field)) &&
    // An upgrade is both fields, or none.
    fields.filter((field) => /^upgrade:/i.test(field)).length ===
      fields.filter((f) => f === 'Connection: Upgrade').length &&
    fields.filter((field) => /^(?:connection|upgrade):/i.test(field)).length <= 2 &&
    !fields.some((field) => /^transfer-encoding:(?! chunked$)/i.test(field));
  if (!good) throw new Error(`no well-formed request head: ${JSON.stringify(head)}`);
}

function lengthOf(head: string): number {
  return Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
}

function endOfChunks(text: string, from: number): number | undefined {
  let at = from;
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const digits = text.slice(at, lineEnd);
    if (!/^[0-9a-f]{1,14}$/.test(digits)) throw new Error(`no chunk size: ${JSON.stringify(digits)}`);
    const size = Number.parseInt(digits, 16);
    at = lineEnd + 2;
    if (size === 0) break;
    at += size;
    if (text.length < at + 2) return undefined;
    if (text.slice(at, at + 2) !== '\r\n') throw new Error('chunk data does not end in CRLF');
    at += 2;
  }
  if (text.startsWith('\r\n', at)) return at + 2;
  const end = text.indexOf('\r\n\r\n', at);
  return end < 0 ? undefined : end + 4;
}

/** A server that answers every request with 200 and `ok`, and keeps what it saw; `problems` must stay empty. */
export async function startOkBackend(
  t: ExecutionContext,
  reply = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
): Promise<Backend & { readonly requests: SeenRequest[]; readonly problems: string[] }> {
  const requests: SeenRequest[] = [];
  const problems: string[] = [];
  const backend = await startBackend(t, (peer) => {
    const reader = new RequestReader();
    peer.socket.on('data', (data) => {
      try {
        const completed = reader.add((data as Buffer).toString('latin1'));
        requests.push(...reader.requests.splice(0));
        for (let count = 0; count < completed; count++) peer.write(reply);
      } catch (error) {
        problems.push(String(error));
        peer.socket.destroy();
      }
    });
    peer.socket.on('end', () => peer.end());
  });
  return { ...backend, requests, problems };
}

/** The data of a request's body, without chunked framing. */
export function dataOf({ head, body }: SeenRequest): string {
  if (!/^transfer-encoding:/im.test(head)) return body;
  let data = '';
  for (let at = 0; ;) {
    const lineEnd = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.slice(at, lineEnd), 16);
    if (!(size > 0)) return data;
    data += body.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 4 + size;
  }
}
