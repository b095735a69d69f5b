import type { Spoken } from '../detect/detect.ts';
import { Detector, type DetectorOwner } from '../detect/detector.ts';
import type { Expectation } from '../route/expectation.ts';
import type { EngineLimits } from './engine.ts';
import { Greeting, type GreetingOwner } from './greeting.ts';
import type { Ending, Served } from './served.ts';
import type { Serving } from './serving.ts';

const nothing = Buffer.alloc(0);

/**
 * Serves a connection by what is found to be spoken on it. A protocol that wraps another gives back one more of these, for
 * the connection that stands inside.
 */
export class Detected implements Served, DetectorOwner, GreetingOwner {
  private served: Served;
  private detector: Detector | undefined;
  private lastGreeting: Greeting | undefined;
  private readonly serving: Serving;

  constructor(serving: Serving) {
    this.serving = serving;
    this.detector = new Detector(serving.connection, this);
    this.served = this.detector;
  }

  /** Bytes are awaited from now on, unless what is spoken is declared. */
  begin(): void {
    this.detector?.start();
  }

  onSilence(): void {
    const { context, engine } = this.serving;
    const way = context.tunnelWay();
    const { endpoint } = way;
    if (endpoint === undefined) return this.onServer(undefined);
    this.lastGreeting = new Greeting({ ...way, endpoint }, engine.limits.connectTimeoutMs, this);
  }

  /** One that ended, where that told nothing, is none any more: its connection leads nowhere. */
  private get greeting(): Greeting | undefined {
    return this.lastGreeting?.stands === true ? this.lastGreeting : undefined;
  }

  onServer(said: Buffer | undefined): void {
    this.detector?.onServer(said);
  }

  onIdle(): void {
    const { greeting } = this;
    if (greeting === undefined) return this.serving.connection.destroy();
    greeting.late = true;
    this.onServer(undefined);
    if (this.detector !== undefined) this.close();
  }

  onDetected(spoken: Spoken, first: Buffer): void {
    const { serving, greeting } = this;
    this.detector = undefined;
    this.lastGreeting = undefined;
    try {
      this.served = serving.protocols[spoken](serving, first, greeting);
    } finally {
      greeting?.letGo();
    }
    if (serving.connection.ended) this.served.onEnd();
  }

  get expectation(): Expectation {
    return this.serving.context.expectation;
  }

  get limits(): EngineLimits {
    return this.serving.engine.limits;
  }

  get silenceMs(): number {
    return this.serving.context.silenceMs;
  }

  /** The client has gone. Where its server was connected to, that was a connection which has ended, as far as anybody can tell. */
  onClosed(error: Error | undefined): void {
    if (this.greeting === undefined || this.expectation.routed) {
      this.letGreetingGo();
      return this.serving.over();
    }
    this.onDetected('opaque', nothing);
    this.serving.connection.receiver.onClose(error);
  }

  private letGreetingGo(): void {
    this.lastGreeting?.letGo();
    this.lastGreeting = undefined;
  }

  get idle(): boolean {
    return this.served.idle;
  }

  close(): void {
    this.letGreetingGo();
    this.served.close();
  }

  announceEnd(): void {
    this.served.announceEnd?.();
  }

  onEnd(): void {
    this.served.onEnd();
  }

  get held(): number {
    return this.served.held;
  }

  unread(sinceMs: number): number {
    return this.served.unread?.(sinceMs) ?? 0;
  }

  shed(): void {
    this.letGreetingGo();
    this.served.shed();
  }

  get passedMs(): number | undefined {
    return this.served.passedMs;
  }

  destroy(why: Ending): void {
    this.letGreetingGo();
    this.served.destroy(why);
  }
}
