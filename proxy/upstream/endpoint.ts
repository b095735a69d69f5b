import type { Endpoint } from '../../routing/model.ts';
import { Measure } from '../balance/measure.ts';
import { clock } from '../socket/clock.ts';
import type { Connections, ConnectionsByProtocol, Dial, UpstreamProtocol } from './connections.ts';

type Parts = {
  readonly endpoint: Endpoint;
  readonly logFragment: string;
  readonly dial: Dial;
  readonly protocols: ConnectionsByProtocol;
};

/** One address:port that requests and tunnels go to: its connections, and what the balancer knows of it. */
export class UpstreamEndpoint {
  outstanding = 0;
  readonly measure = new Measure();
  readonly endpoint: Endpoint;
  /** Its part of an access log line, ready to be written. */
  readonly logFragment: string;
  /** A connection of its own, for a tunnel. */
  readonly dial: Dial;
  private readonly protocols: ConnectionsByProtocol;
  private readonly opened: { [P in UpstreamProtocol]?: Connections } = {};
  private retired = false;

  constructor({ endpoint, logFragment, dial, protocols }: Parts) {
    this.endpoint = endpoint;
    this.logFragment = logFragment;
    this.dial = dial;
    this.protocols = protocols;
  }

  /** Its connections in this protocol. */
  connections(protocol: UpstreamProtocol): Connections {
    return this.opened[protocol] ?? this.openIn(protocol);
  }

  private openIn(protocol: UpstreamProtocol): Connections {
    const connections = this.protocols[protocol](this.dial);
    if (this.retired) connections.retire();
    this.opened[protocol] = connections;
    return connections;
  }

  /** How many connections requests have opened, in every protocol. */
  get open(): number {
    return Object.values(this.opened).reduce((sum, { open }) => sum + open, 0);
  }

  /** A request or connection is given to it; `end` follows when it is over. */
  begin(): void {
    if (this.outstanding++ === 0) this.measure.wake(clock.ms);
  }

  end(): void {
    this.outstanding--;
  }

  /** It could not be reached, or broke off. */
  onFault(): void {
    this.measure.fault(clock.ms);
  }

  /** Nobody refers to it any more, nor will: its connections go when their requests are done. */
  retire(): void {
    this.retired = true;
    for (const connections of Object.values(this.opened)) connections.retire();
  }
}
