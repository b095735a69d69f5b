import { once } from 'node:events';
import net from 'node:net';
import type { ExecutionContext } from 'ava';

/** What passed one way over one connection. */
export type Wire = { readonly title: string; readonly pieces: Buffer[]; bytes: number };

/** A relay of plain TCP that keeps what passes. */
export type Relay = {
  readonly port: number;
  readonly wires: readonly Wire[];
  /** How many connections it has passed on. */
  readonly connections: number;
  /** Breaks all of them off, on both sides. */
  reset(): void;
};

/** Starts a relay to a port of loopback: each side's end, reset and slowness reaches the other. */
export async function startRelay(t: ExecutionContext, title: string, toPort: number): Promise<Relay> {
  const wires: Wire[] = [];
  const sockets: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (near) => {
    const far = net.connect({ port: toPort, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(near, far);
    pass({ from: near, to: far }, keep(`${title}, to the server`));
    pass({ from: far, to: near }, keep(`${title}, to the client`));
  });
  const keep = (name: string): Wire => {
    const wire = { title: name, pieces: [], bytes: 0 };
    wires.push(wire);
    return wire;
  };
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    await once(server.close(), 'close');
  });
  return {
    port: (server.address() as net.AddressInfo).port,
    wires,
    get connections() {
      return sockets.length / 2;
    },
    reset,
  };
}

function pass({ from, to }: { readonly from: net.Socket; readonly to: net.Socket }, wire: Wire): void {
  from.setNoDelay(true);
  from.on('data', (piece: Buffer) => {
    wire.pieces.push(piece);
    wire.bytes += piece.length;
    if (!to.write(piece)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('error', () => to.resetAndDestroy());
}

/**
 * What is wrong with bytes that should be TLS records and nothing else (RFC 8446 section 5.1), the last one perhaps cut off.
 * Other bytes among them break the framing, whatever they say; `secret` is looked for besides.
 */
export function findPlainText({ pieces }: Wire, secret: string): string | undefined {
  const bytes = Buffer.concat(pieces);
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
    const [type = 0, major] = bytes.subarray(at);
    const length = bytes.readUInt16BE(at + 3);
    if (type < 20 || type > 23 || major !== 3 || length > 16_640)
      return `no TLS record at byte ${at}: ${JSON.stringify(bytes.toString('latin1', at, at + 80))}`;
  }
  const found = bytes.indexOf(secret, 0, 'latin1');
  return found < 0 ? undefined : `${JSON.stringify(secret)} at byte ${found}`;
}
