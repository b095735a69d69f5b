import { defaultOpaquePorts } from '../../contract/opaquePorts.ts';
import { destinationName } from '../../routing/model.ts';
import { choose } from '../../proxy/balance/choose.ts';
import type { Explanation } from '../../proxy/observe/fragment.ts';
import type { Decision, Forward } from '../../proxy/route/decision.ts';
import type { Report } from '../../proxy/exchange/context.ts';
import type { RequestHead } from '../../proxy/message/head.ts';
import type { Flag } from '../../proxy/observe/flags.ts';
import type { RequestMetrics } from '../../proxy/observe/httpMetrics.ts';
import { type Expectation, nothingExpected } from '../../proxy/route/expectation.ts';
import type { ConnectionContext, TunnelWay } from '../../proxy/serve/context.ts';
import { clock } from '../../proxy/socket/clock.ts';
import type { CompiledRouting } from '../../proxy/route/compile.ts';
import type { UpstreamEndpoint } from '../../proxy/upstream/endpoint.ts';
import type { Path } from './path.ts';
import type { Caller } from './peers.ts';
import { takeProbeToken } from './probeToken.ts';
import type { TransparentRole } from './role.ts';
import { explainStraight, originalEndpoint, prepareStraight } from './straight.ts';
import { straightTunnel, tunnelToService } from './tunnelWay.ts';

const opaque: Expectation = { protocol: 'opaque', routed: false };

/** What is known of one redirected connection: where it was going, and what the agent says of that place. */
export class RedirectedContext implements ConnectionContext {
  readonly direction: 'outbound' | 'inbound';
  readonly family: 4 | 6;
  readonly port: number;
  readonly destinationName: string;
  readonly random: () => number;
  readonly progressTimeoutMs: number;
  readonly via: string;
  private readonly caller: Caller | undefined;
  private endpoint: UpstreamEndpoint | undefined;
  private decision: Forward | undefined;
  private hadRequest = false;
  private readonly path: Path;
  private readonly role: TransparentRole;

  constructor(path: Path, role: TransparentRole) {
    this.path = path;
    this.role = role;
    this.direction = path.direction;
    this.caller = path.peer === undefined ? undefined : role.peers.callerAt(path.peer);
    this.random = role.engine.random;
    this.progressTimeoutMs = role.engine.limits.progressTimeoutMs;
    this.via = role.via;
    this.family = path.original.address.includes(':') ? 6 : 4;
    this.port = path.original.port;
    this.destinationName = destinationName(path.original.address, path.original.port);
    path.destination?.begin();
  }

  get expectation(): Expectation {
    const { direction, role, port } = this;
    const known =
      direction === 'inbound' ? role.inbound.expectationOf(port) : (this.compiled?.expectation ?? nothingExpected);
    // What is declared, and a route that is attached, say more than a port number.
    const unknown = known.protocol === 'detect' && !known.routed;
    // Of its own ports none but the pod itself says that one is passed on which is not so by default.
    const isOwnWish = direction === 'inbound' && !defaultOpaquePorts.includes(port);
    return role.opaquePorts.has(port) && (unknown || isOwnWish) ? opaque : known;
  }

  get peer(): string | undefined {
    return this.caller?.fragment;
  }

  get silenceMs(): number {
    const { engine, inboundSilenceMs } = this.role;
    const { detectTimeoutMs } = engine.limits;
    return this.direction === 'inbound' ? Math.min(inboundSilenceMs, detectTimeoutMs) : detectTimeoutMs;
  }

  get unrouted(): Pick<Decision, 'explanation' | 'metrics'> {
    return this.compiled?.unrouted ?? this.goStraight();
  }

  reportOf(head: RequestHead): Report {
    const { role, hadRequest } = this;
    // The kubelet makes a connection for each probe: of those that are kept, the first request alone is looked at.
    this.hadRequest = true;
    const isProbe = !hadRequest && this.direction === 'inbound' && takeProbeToken(head, role.probeToken);
    return isProbe ? role.reportProbe : role.engine.report;
  }

  explain(flag: Flag, reason: string): string {
    if (this.direction === 'outbound' || flag !== 'UF' || !reason.includes('ECONNREFUSED')) return reason;
    const hint = this.role.refusedHint(this.path.original);
    return hint === undefined ? reason : `${reason}; ${hint}`;
  }

  decide(head: RequestHead): Decision {
    const { compiled } = this;
    return compiled === undefined ? this.goStraight() : compiled.decide(head, this.random);
  }

  tunnelWay(): TunnelWay {
    const { compiled, path, role, family, random } = this;
    if (compiled === undefined)
      return straightTunnel(
        path,
        { endpoint: this.original(), explanation: this.straightExplanation },
        role.metrics.tcp,
      );
    const endpoint = choose(compiled.group, family, clock.ms, random);
    return tunnelToService(compiled, endpoint, role.metrics.tcp);
  }

  release(): void {
    const { path, role, endpoint } = this;
    path.destination?.end();
    if (endpoint !== undefined) role.engine.registry.release(endpoint, path.localAddress);
  }

  private get compiled(): CompiledRouting | undefined {
    return this.path.destination?.compiled;
  }

  private goStraight(): Forward {
    this.decision ??= prepareStraight(this.path, this.original(), {
      explanation: this.straightExplanation,
      metrics: this.straightMetrics(),
    });
    return this.decision;
  }

  private get straightExplanation(): Explanation {
    return explainStraight(this.path, this.role.inbound);
  }

  private straightMetrics(): RequestMetrics {
    const { http } = this.role.metrics;
    return this.direction === 'inbound' ? http.inbound(this.port) : http.route({});
  }

  /** The original destination itself, held until the connection is over. */
  private original(): UpstreamEndpoint {
    const { path, role } = this;
    this.endpoint ??= role.engine.registry.acquire(originalEndpoint(path.original), path.localAddress);
    return this.endpoint;
  }
}
