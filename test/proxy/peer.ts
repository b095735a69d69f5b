import { once } from 'node:events';
import net from 'node:net';

/** How the other side ended the connection: with a FIN, or with a reset. */
export type End = 'fin' | 'reset';

/** One end of a raw connection in a test: what came so far as latin1 text, and how it ended. */
export class Peer {
  text = '';
  ended: End | undefined;
  /** Everything is over, both directions. */
  closed = false;
  readonly socket: net.Socket;
  private wake: (() => void)[] = [];

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data) => {
      this.text += (data as Buffer).toString('latin1');
      this.changed();
    });
    socket.on('end', () => {
      this.ended ??= 'fin';
      this.changed();
    });
    socket.on('error', () => {
      this.ended ??= 'reset';
    });
    socket.on('close', () => {
      this.closed = true;
      this.changed();
    });
  }

  write(text: string | Buffer): void {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
  }

  /** Half-closes. */
  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Waits until `holds`; fails with what was received when that takes longer than `timeoutMs`. */
  async until(holds: (peer: this) => boolean, timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!holds(this)) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`waited in vain; received ${JSON.stringify(this.text.slice(0, 2000))}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.wake.push(resolve);
      const timer = setTimeout(resolve, left);
      await promise;
      clearTimeout(timer);
    }
  }

  /** Waits until this text has come. */
  async sees(text: string, timeoutMs?: number): Promise<void> {
    await this.until((peer) => peer.text.includes(text), timeoutMs);
  }

  /** Waits until so many bytes have come. */
  async receives(length: number, timeoutMs?: number): Promise<void> {
    await this.until((peer) => peer.text.length >= length, timeoutMs);
  }

  /** Waits until the other side is through, and says how. */
  async over(timeoutMs?: number): Promise<End> {
    await this.until((peer) => peer.ended !== undefined || peer.closed, timeoutMs);
    return this.ended ?? 'reset';
  }

  private changed(): void {
    for (const wake of this.wake.splice(0)) wake();
  }
}

/** Connects to a port of loopback. */
export async function connect(port: number, options: { host?: string } = {}): Promise<Peer> {
  const socket = net.connect({ host: options.host ?? '127.0.0.1', port, allowHalfOpen: true });
  const peer = new Peer(socket);
  await once(socket, 'connect');
  return peer;
}

// Towards a client that has half-closed, the sidecar finds out by an interim response whether it still reads.
const probe = 'HTTP/1.1 102 Processing\r\n\r\n';

/** Sends these bytes and a FIN; gives back everything that came until the connection was over, probes left out. */
export async function ask(port: number, bytes: string | readonly string[], timeoutMs?: number): Promise<string> {
  const peer = await connect(port);
  for (const piece of typeof bytes === 'string' ? [bytes] : bytes) {
    peer.write(piece);
    if (typeof bytes !== 'string') await new Promise((resolve) => setImmediate(resolve));
  }
  peer.end();
  await peer.over(timeoutMs);
  peer.socket.destroy();
  return peer.text.replaceAll(probe, '');
}
