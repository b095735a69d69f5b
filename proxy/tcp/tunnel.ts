import { defaultReasons, type Flag } from '../observe/flags.ts';
import { clock } from '../socket/clock.ts';
import type { Connection } from '../socket/connection.ts';
import { Expiring, unwatchDeadline, watchDeadline } from '../socket/deadlines.ts';
import { asRaw } from '../socket/rawConnection.ts';
import { unreadSince } from '../socket/unread.ts';
import { Half, type HalfEvents } from './half.ts';

// So long one side may take nothing of what the other has sent before it broke off.
const lastWordsMs = 5000;

/** How a tunnel ended. */
export type TunnelEnd = {
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** The server was reached. */
  readonly connected: boolean;
  readonly flag: Flag | undefined;
  readonly reason: string | undefined;
};

export type TunnelOptions = {
  /** What was read from the client already. */
  readonly first: Buffer;
  /** What was read from the server already. */
  readonly firstBack?: Buffer;
  /** What `dial` gives back stands already. */
  readonly connected: boolean;
  readonly connectTimeoutMs: number;
  /** Without a byte either way, the tunnel ends. */
  readonly idleTimeoutMs: number;
  /** The server is reached; comes before `onEnd`, at once where it stood already. */
  readonly onConnected: () => void;
  readonly onEnd: (end: TunnelEnd) => void;
};

type Side = 'client' | 'server';

type LastWords = {
  readonly side: Side;
  readonly error: Error | undefined;
  /** Of the side that broke off. */
  readonly half: Half;
  readonly other: Connection;
  /** What had passed and what had not, when it was last looked at: while that changes the other side takes something. */
  left: number;
  giveUpMs: number;
};

/** Joins two connections byte for byte, each direction with its own back-pressure and half-close. */
export class Tunnel extends Expiring {
  /** Among those of its connection. */
  place = -1;
  private connected = false;
  private over = false;
  private open = 2;
  private ended = 0;
  /** One side has broken off, and the other still gets what it had sent. */
  private lastWords: LastWords | undefined;
  private readonly down: Half;
  private readonly up: Half;
  private readonly client: Connection;
  private readonly server: Connection;
  private readonly options: TunnelOptions;

  /** `dial` starts the connection to the server and tells once it stands. */
  constructor(client: Connection, dial: (onConnect: () => void) => Connection, options: TunnelOptions) {
    super();
    this.client = client;
    this.options = options;
    this.deadline = clock.ms + options.connectTimeoutMs;
    this.server = dial(() => this.onConnect());
    this.down = new Half(client, this.server, this.eventsOf('client'));
    this.up = new Half(this.server, client, this.eventsOf('server'));
    this.down.peer = this.up;
    this.up.peer = this.down;
    this.down.send(options.first);
    if (client.ended) this.down.onEnd();
    else if (!options.connected) client.pause();
    for (const connection of [client, this.server]) connection.keepAlive(60_000);
    watchDeadline(this);
    if (!options.connected) return;
    this.onConnect();
    if (options.firstBack !== undefined) this.up.send(options.firstBack);
    if (this.server.ended) this.up.onEnd();
  }

  private eventsOf(side: Side): HalfEvents {
    return {
      onProgress: () => {
        if (this.connected && this.lastWords === undefined) this.deadline = clock.ms + this.options.idleTimeoutMs;
      },
      onEnd: () => {
        this.ended++;
        if (this.connectionOf(side).writeError !== undefined) this.passLastWords();
      },
      onWriteError: () => this.onWriteError(side === 'client' ? 'server' : 'client'),
      onClose: (error) => this.onClose(side, error),
    };
  }

  private connectionOf(side: Side): Connection {
    return side === 'client' ? this.client : this.server;
  }

  private onConnect(): void {
    this.connected = true;
    this.options.onConnected();
    this.deadline = clock.ms + this.options.idleTimeoutMs;
    this.client.resume();
    this.server.resume();
  }

  onDeadline(): void {
    if (this.lastWords !== undefined) return this.passLastWords();
    const reason = this.connected ? 'no byte passed for too long' : 'connecting to the endpoint took too long';
    this.finish(this.connected ? 'UT' : 'UF', reason);
    this.client.reset();
    this.server.reset();
  }

  /** Bytes of memory that wait in it, either way. */
  get held(): number {
    const { client, server } = this;
    return client.unsent + server.unsent + (client.unread ?? 0) + (server.unread ?? 0);
  }

  /** What the kernel holds of either side that is not read and has not moved since then. */
  unread(sinceMs: number): number {
    return unreadSince(this.client, sinceMs) + unreadSince(this.server, sinceMs);
  }

  /** Ends it: this process holds too much. */
  shed(): void {
    this.finish('OM', defaultReasons.OM);
    this.client.reset();
    this.server.reset();
  }

  /** When a byte last passed, or the server was reached, on the clock of performance.now(). */
  get passedMs(): number {
    return this.connected && this.lastWords === undefined ? this.deadline - this.options.idleTimeoutMs : clock.ms;
  }

  /** Ends both sides at once. */
  destroy(why: 'the process stops' | 'its place was needed'): void {
    if (why === 'the process stops') this.finish('DC', 'the proxy stopped before the connection ended');
    else this.finish('UT', 'no byte passed for long, and other connections needed its place');
    this.client.destroy();
    this.server.destroy();
  }

  /** What `side` has sent before still waits in the kernel: it is read to its end, then passed on. */
  private onWriteError(side: Side): void {
    if (this.over || this.lastWords !== undefined) return;
    const connection = this.connectionOf(side);
    this.breakOff(side, connection.writeError);
    if (connection.ended) this.passLastWords();
  }

  private breakOff(side: Side, error: Error | undefined): void {
    if (this.lastWords !== undefined) return;
    const half = side === 'client' ? this.down : this.up;
    const other = side === 'client' ? this.server : this.client;
    this.lastWords = { side, error, half, other, left: Infinity, giveUpMs: clock.ms + lastWordsMs };
    this.deadline = clock.ms;
  }

  /** An abnormal end stays one on the other side, but behind all that came before it. */
  private passLastWords(): void {
    const { lastWords } = this;
    if (lastWords === undefined || this.over) return;
    const { side, error, half, other } = lastWords;
    const left = other.closed ? 0 : (asRaw(other)?.undelivered ?? other.unsent);
    const from = this.connectionOf(side);
    const isRead = from.ended || from.closed;
    if (half.bytes + left !== lastWords.left) lastWords.giveUpMs = clock.ms + lastWordsMs;
    lastWords.left = half.bytes + left;
    const isDelivered = isRead && half.passedOn && left === 0;
    if (!isDelivered && clock.ms < lastWords.giveUpMs && !other.closed) {
      this.deadline = clock.ms;
      return;
    }
    this.finish(...explain(side, error, this.connected));
    if (!from.closed) from.reset();
    if (!other.closed) other.reset();
  }

  private onClose(side: Side, error: Error | undefined): void {
    this.open--;
    if (this.lastWords !== undefined || error !== undefined || this.ended < 2) {
      this.breakOff(side, error);
      this.passLastWords();
    }
    if (this.open > 0) return;
    unwatchDeadline(this);
    this.finish(undefined, undefined);
  }

  private finish(flag: Flag | undefined, reason: string | undefined): void {
    if (this.over) return;
    this.over = true;
    const { connected } = this;
    this.options.onEnd({ bytesIn: this.down.bytes, bytesOut: this.up.bytes, connected, flag, reason });
  }
}

function explain(side: Side, error: Error | undefined, connected: boolean): [Flag, string] {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  const why = code ?? error?.message ?? 'closed';
  if (!connected && side === 'server') return ['UF', `connecting to the endpoint failed: ${why}`];
  return side === 'client'
    ? ['DC', `the client broke the connection: ${why}`]
    : ['UC', `the endpoint broke the connection: ${why}`];
}
