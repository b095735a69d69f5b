import type { Spoken } from '../detect/detect.ts';
import { Detector, type DetectorOwner } from '../detect/detector.ts';
import type { Expectation } from '../route/expectation.ts';
import type { EngineLimits } from './engine.ts';
import type { Served } from './served.ts';
import type { Serving } from './serving.ts';

/**
 * Serves a connection by what is found to be spoken on it. A protocol that wraps another gives back one more of these, for
 * the connection that stands inside.
 */
export class Detected implements Served, DetectorOwner {
  private served: Served;
  private detector: Detector | undefined;
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

  onDetected(spoken: Spoken, first: Buffer): void {
    const { serving } = this;
    this.detector = undefined;
    this.served = serving.protocols[spoken](serving, first);
    if (serving.connection.ended) this.served.onEnd();
  }

  get expectation(): Expectation {
    return this.serving.context.expectation;
  }

  get limits(): EngineLimits {
    return this.serving.engine.limits;
  }

  onClosed(): void {
    this.serving.over();
  }

  get idle(): boolean {
    return this.served.idle;
  }

  close(): void {
    this.served.close();
  }

  onEnd(): void {
    this.served.onEnd();
  }

  get held(): number {
    return this.served.held;
  }

  shed(): void {
    this.served.shed();
  }

  destroy(): void {
    this.served.destroy();
  }
}
