import type { Endpoint } from '../../routing/model.ts';
import { PeakEwma } from '../balance/latency.ts';
import type { Pool } from '../http1/pool.ts';
import { clock } from '../socket/clock.ts';

/** One address:port that requests go to: its connections, and what the balancer knows of it. */
export class UpstreamEndpoint {
  outstanding = 0;
  readonly latency = new PeakEwma();
  readonly endpoint: Endpoint;
  readonly pool: Pool;
  /** Its part of an access log line, ready to be written. */
  readonly logFragment: string;

  constructor(endpoint: Endpoint, logFragment: string, makePool: (endpoint: UpstreamEndpoint) => Pool) {
    this.endpoint = endpoint;
    this.logFragment = logFragment;
    this.pool = makePool(this);
  }

  /** A request or connection is given to it; `end` follows when it is over. */
  begin(): void {
    if (this.outstanding++ === 0) this.latency.wake(clock.ms);
  }

  end(): void {
    this.outstanding--;
  }

  onFault(): void {
    this.latency.fault(clock.ms);
  }
}
