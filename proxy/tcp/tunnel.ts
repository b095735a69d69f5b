import { defaultReasons, type Flag } from '../observe/flags.ts';
import { clock } from '../socket/clock.ts';
import type { Connection } from '../socket/connection.ts';
import { Expiring, unwatchDeadline, watchDeadline } from '../socket/deadlines.ts';
import { Half } from './half.ts';

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

/** Joins two connections byte for byte, each direction with its own back-pressure and half-close. */
export class Tunnel extends Expiring {
  private connected = false;
  private over = false;
  private open = 2;
  private ended = 0;
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
    const onProgress = (): void => {
      if (this.connected) this.deadline = clock.ms + options.idleTimeoutMs;
    };
    const onEnd = (): void => {
      this.ended++;
    };
    this.down = new Half(client, this.server, { onProgress, onEnd, onClose: (error) => this.onClose('client', error) });
    this.up = new Half(this.server, client, { onProgress, onEnd, onClose: (error) => this.onClose('server', error) });
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

  private onConnect(): void {
    this.connected = true;
    this.options.onConnected();
    this.deadline = clock.ms + this.options.idleTimeoutMs;
    this.client.resume();
    this.server.resume();
  }

  onDeadline(): void {
    const reason = this.connected ? 'no byte passed for too long' : 'connecting to the endpoint took too long';
    this.finish(this.connected ? 'UT' : 'UF', reason);
    this.client.reset();
    this.server.reset();
  }

  /** Bytes of memory that wait in it, either way. */
  get held(): number {
    return this.client.unsent + this.server.unsent;
  }

  /** Ends it: this process holds too much. */
  shed(): void {
    this.finish('OM', defaultReasons.OM);
    this.client.reset();
    this.server.reset();
  }

  /** Ends both sides at once: the process stops. */
  destroy(): void {
    this.finish('DC', 'the proxy stopped before the connection ended');
    this.client.destroy();
    this.server.destroy();
  }

  private onClose(side: 'client' | 'server', error: Error | undefined): void {
    this.open--;
    const other = side === 'client' ? this.server : this.client;
    if (error !== undefined || this.ended < 2) {
      this.finish(...explain(side, error, this.connected));
      // An abnormal end stays one on the other side.
      if (!other.closed) other.reset();
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

function explain(side: 'client' | 'server', error: Error | undefined, connected: boolean): [Flag, string] {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  const why = code ?? error?.message ?? 'closed';
  if (!connected && side === 'server') return ['UF', `connecting to the endpoint failed: ${why}`];
  return side === 'client'
    ? ['DC', `the client broke the connection: ${why}`]
    : ['UC', `the endpoint broke the connection: ${why}`];
}
