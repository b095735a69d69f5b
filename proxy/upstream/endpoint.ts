import type { Endpoint, EndpointPolicy } from '../../routing/model.ts';
import { Measure } from '../balance/measure.ts';
import { Outlier } from '../balance/outlier.ts';
import { strictest } from '../balance/policies.ts';
import { defaultSlowStartMs } from '../balance/slowStart.ts';
import { clock } from '../socket/clock.ts';
import { Alarm, unwatchDeadline, watchDeadline } from '../socket/deadlines.ts';
import type { Connections, ConnectionsByProtocol, Dial, UpstreamProtocol } from './connections.ts';
import { Places } from './places.ts';

type Parts = {
  readonly endpoint: Endpoint;
  readonly logFragment: string;
  readonly dial: Dial;
  readonly protocols: ConnectionsByProtocol;
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** It was ejected, is on trial, or is back. */
  readonly onOutlier: () => void;
};

/** One address:port that requests and tunnels go to: its connections, and what the balancer knows of it. */
export class UpstreamEndpoint {
  outstanding = 0;
  readonly outlier: Outlier;
  readonly measure: Measure;
  /** As Load.newMs. */
  newMs = clock.ms;
  readonly endpoint: Endpoint;
  /** Its part of an access log line, ready to be written. */
  readonly logFragment: string;
  /** A connection of its own, for a tunnel. */
  readonly dial: Dial;
  /** As Load.slowStartMs. */
  slowStartMs = defaultSlowStartMs;
  /** What the groups want that want anything. */
  private policies: Map<object, EndpointPolicy> | undefined;
  /** What its connections share, whoever opens them. */
  readonly places = new Places();
  private readonly protocols: ConnectionsByProtocol;
  private readonly opened: { [P in UpstreamProtocol]?: Connections } = {};
  private retired = false;
  private trial: Alarm | undefined;
  private readonly onOutlier: Parts['onOutlier'];

  constructor({ endpoint, logFragment, dial, protocols, random, onOutlier }: Parts) {
    this.outlier = new Outlier(random, () => this.onOutlierChange());
    this.measure = new Measure(this.outlier);
    this.onOutlier = onOutlier;
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
    const connections = this.protocols[protocol](this.dial, this.places);
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

  /** As EndpointGroup has it. */
  joins(isFirst: boolean): void {
    this.outlier.counts = true;
    if (isFirst) this.newMs = Number.NEGATIVE_INFINITY;
  }

  /** As EndpointGroup has it; where groups differ, the stricter of each value counts. */
  obey(group: object, policy: EndpointPolicy | undefined): void {
    if (policy === this.policies?.get(group)) return;
    this.policies ??= new Map();
    if (policy === undefined) this.policies.delete(group);
    else this.policies.set(group, policy);
    const wanted = strictest(this.policies.values());
    this.slowStartMs = wanted.slowStartMs ?? defaultSlowStartMs;
    this.outlier.setPolicy(wanted);
    this.places.limit(wanted);
  }

  private onOutlierChange(): void {
    this.onOutlier();
    if (this.outlier.state !== 'Ejected' || this.retired) return this.stopTrial();
    this.trial ??= new Alarm(() => this.outlier.admit());
    this.trial.deadline = this.outlier.untilMs;
    watchDeadline(this.trial);
  }

  private stopTrial(): void {
    if (this.trial !== undefined) unwatchDeadline(this.trial);
  }

  /** Nobody refers to it any more, nor will: its connections go when their requests are done. */
  retire(): void {
    this.retired = true;
    this.stopTrial();
    for (const connections of Object.values(this.opened)) connections.retire();
  }
}
