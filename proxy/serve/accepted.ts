import { clock } from '../socket/clock.ts';
import type { Connection } from '../socket/connection.ts';
import type { ConnectionContext } from './context.ts';
import { Detected } from './detected.ts';
import type { Engine } from './engine.ts';
import { protocols as allProtocols } from './protocols.ts';
import type { OpenConnection } from './served.ts';
import type { Protocols, Serving } from './serving.ts';

/** One accepted connection, from then to its end. */
export class Accepted implements OpenConnection, Serving {
  place = -1;
  readonly served: Detected;
  readonly connection: Connection;
  readonly context: ConnectionContext;
  readonly engine: Engine;
  readonly protocols: Protocols;

  /** `protocols`: where the role serves some of them otherwise. */
  constructor(connection: Connection, context: ConnectionContext, engine: Engine, protocols: Protocols = allProtocols) {
    this.connection = connection;
    this.context = context;
    this.engine = engine;
    this.protocols = protocols;
    engine.connections.add(this);
    // After a time without any connection nothing has kept it up to date.
    clock.ms = performance.now();
    this.served = new Detected(this);
  }

  /** Serves it from now on. A role that has to wait for something first keeps the connection paused meanwhile. */
  begin(): void {
    this.served.begin();
  }

  get direction(): 'outbound' | 'inbound' {
    return this.context.direction;
  }

  get peer(): string | undefined {
    return this.context.peer;
  }

  over(): void {
    if (this.engine.connections.delete(this)) this.context.release();
  }
}
