import { clock } from '../socket/clock.ts';
import type { Connection, Receiver } from '../socket/connection.ts';
import { Expiring, unwatchDeadline, watchDeadline } from '../socket/deadlines.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';
import type { TunnelWay } from './context.ts';

/** Hears what the server does; may take its connection over while it is told. */
export interface GreetingOwner {
  /** Its first bytes (borrowed); undefined: it ended, or could not be reached. Comes once. */
  onServer(said: Buffer | undefined): void;
}

/**
 * A server that is connected to while its client is silent, since it may be one that speaks first. A tunnel takes the
 * connection over in whatever state it is; where something else is spoken it is let go.
 */
export class Greeting extends Expiring implements Receiver {
  connected = false;
  /** Neither it nor its client have done anything for too long: who takes it over ends it. */
  late = false;
  readonly startMs = performance.now();
  readonly way: TunnelWay;
  private state: 'open' | 'taken' | 'over' = 'open';
  private tellConnected: (() => void) | undefined;
  private readonly connection: Connection;
  private readonly endpoint: UpstreamEndpoint;
  private readonly owner: GreetingOwner;

  constructor(
    way: TunnelWay & { readonly endpoint: UpstreamEndpoint },
    connectTimeoutMs: number,
    owner: GreetingOwner,
  ) {
    super();
    const { endpoint } = way;
    this.way = way;
    this.endpoint = endpoint;
    this.owner = owner;
    // A timer led here, which does not keep it up to date.
    clock.ms = this.startMs;
    this.deadline = clock.ms + connectTimeoutMs;
    endpoint.begin();
    this.connection = endpoint.dial(() => this.onConnect());
    this.connection.receiver = this;
    watchDeadline(this);
  }

  private onConnect(): void {
    this.connected = true;
    this.deadline = Infinity;
    this.tellConnected?.();
  }

  /** It can be taken over. */
  get stands(): boolean {
    return this.state === 'open';
  }

  /** As UpstreamEndpoint.dial, whose connection is the caller's from now on. */
  readonly takeOver = (onConnect: () => void): Connection => {
    this.state = 'taken';
    unwatchDeadline(this);
    this.tellConnected = onConnect;
    return this.connection;
  };

  /** Closes the connection, unless it was taken over. */
  letGo(): void {
    if (this.state !== 'open') return;
    this.state = 'over';
    unwatchDeadline(this);
    this.endpoint.end();
    this.connection.destroy();
  }

  /** Tells the owner; true when it has taken the connection over. */
  private tell(said: Buffer | undefined): boolean {
    if (this.state !== 'open') return false;
    this.owner.onServer(said);
    return (this.state as string) === 'taken';
  }

  onBytes(buffer: Buffer, length: number): void {
    if (this.tell(buffer.subarray(0, length))) this.connection.receiver.onBytes(buffer, length);
    else this.letGo();
  }

  onEnd(): void {
    if (this.tell(undefined)) this.connection.receiver.onEnd();
    else this.letGo();
  }

  onClose(error: Error | undefined): void {
    if (this.tell(undefined)) return this.connection.receiver.onClose(error);
    if (this.state === 'open' && !this.connected) this.endpoint.onFault();
    this.letGo();
  }

  onDeadline(): void {
    this.late = true;
    if (this.tell(undefined)) return;
    this.endpoint.onFault();
    this.letGo();
  }

  onDrain(): void {
    // Nothing was written yet.
  }
}
