import type { Spoken } from '../detect/detect.ts';
import { Detector, type DetectorOwner } from '../detect/detector.ts';
import type { Expectation } from '../route/expectation.ts';
import { clock } from '../socket/clock.ts';
import type { Connection } from '../socket/connection.ts';
import type { ConnectionContext } from './context.ts';
import type { Engine, EngineLimits } from './engine.ts';
import { type Protocols, protocols as allProtocols } from './protocols.ts';
import type { OpenConnection, Served } from './served.ts';
import type { Serving } from './serving.ts';

/** One accepted connection from then to its end: finds out what is spoken on it and has it served by that. */
export class Accepted implements OpenConnection, Serving, DetectorOwner {
  served: Served;
  private detector: Detector | undefined;
  readonly connection: Connection;
  readonly context: ConnectionContext;
  readonly engine: Engine;
  private readonly protocols: Protocols;

  /** `protocols`: where the role serves some of them otherwise. */
  constructor(connection: Connection, context: ConnectionContext, engine: Engine, protocols: Protocols = allProtocols) {
    this.connection = connection;
    this.context = context;
    this.engine = engine;
    this.protocols = protocols;
    engine.connections.add(this);
    // After a time without any connection nothing has kept it up to date.
    clock.ms = performance.now();
    this.detector = new Detector(connection, this);
    this.served = this.detector;
  }

  /** Serves it from now on. A role that has to wait for something first keeps the connection paused meanwhile. */
  begin(): void {
    this.detector?.start();
  }

  onDetected(spoken: Spoken, first: Buffer): void {
    this.detector = undefined;
    this.served = this.protocols[spoken](this, first);
    if (this.connection.ended) this.served.onEnd();
  }

  get direction(): 'outbound' | 'inbound' {
    return this.context.direction;
  }

  get expectation(): Expectation {
    return this.context.expectation;
  }

  get limits(): EngineLimits {
    return this.engine.limits;
  }

  onClosed(): void {
    this.over();
  }

  over(): void {
    if (this.engine.connections.delete(this)) this.context.release();
  }
}
