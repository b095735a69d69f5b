import type { Spoken } from '../detect/detect.ts';
import type { Connection } from '../socket/connection.ts';
import type { ConnectionContext } from './context.ts';
import type { Engine } from './engine.ts';
import type { Greeting } from './greeting.ts';
import type { Served } from './served.ts';

/** A connection that is to be served, with all that is needed for it. */
export type Serving = {
  readonly connection: Connection;
  readonly context: ConnectionContext;
  readonly engine: Engine;
  /** For what is found to be spoken on it, or inside of what is spoken on it. */
  readonly protocols: Protocols;
  /** To be called when nothing more comes of the connection. */
  over(): void;
};

/**
 * Begins to serve a connection by one protocol, as its receiver. `first` was read already: borrowed until this returns.
 * `greeting`: its server is connected to already; who does not take that over has it let go.
 */
export type ServeProtocol = (serving: Serving, first: Buffer, greeting: Greeting | undefined) => Served;

/** How a connection is served, by what is spoken on it. */
export type Protocols = Readonly<Record<Spoken, ServeProtocol>>;
