import { pick } from '../balance/pick.ts';
import type { RequestHead, ResponseHead } from '../message/head.ts';
import type { Upgraded, UpstreamFailure } from '../message/interfaces.ts';
import type { MirrorOutcome } from '../observe/mirrorMetrics.ts';
import type { Mirror } from '../route/decision.ts';
import { clock } from '../socket/clock.ts';
import { Expiring, unwatchDeadline, watchDeadline } from '../socket/deadlines.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import type { ExchangeContext } from './context.ts';
import type { HeldBody } from './heldBody.ts';
import { protocolFor } from './protocol.ts';
import { enterMirror, leaveMirror } from './mirrorRoom.ts';
import { takeRetryMark } from './retryMark.ts';
import { RPC } from './rpc.ts';

/** A whole request that is sent once more; `head` and `body` change no more. */
export type WholeRequest = {
  readonly head: RequestHead;
  readonly body: HeldBody;
  readonly context: Pick<ExchangeContext, 'family' | 'random'>;
};

/**
 * One mirrored request: sent once, to one endpoint; what is answered is read and thrown away. It outlives the exchange that
 * it comes from, and tells nobody but its metric and the balancer how it ended.
 */
export class Mirrored extends Expiring implements AttemptOwner {
  /** Undefined while it is under way. */
  outcome: MirrorOutcome | undefined;
  private attempt: Attempt | undefined;
  private body: HeldBody | undefined;
  private isEntered = false;
  private isGone = false;
  private rpc: RPC | undefined;
  private readonly mirror: Mirror;

  constructor(mirror: Mirror) {
    super();
    this.mirror = mirror;
  }

  get name(): string {
    return this.mirror.name;
  }

  send({ head, body, context }: WholeRequest): void {
    const { group, protocol, name, timeoutMs } = this.mirror;
    // Whom the client stays with is no matter of a copy.
    const endpoint = pick(group.candidates(context.family), clock.ms, context.random);
    if (endpoint === undefined) return this.settle('no_endpoint');
    this.isEntered = enterMirror(name);
    if (!this.isEntered) return this.settle('too_many');
    this.body = body;
    this.deadline = clock.ms + timeoutMs;
    watchDeadline(this);
    if (head.isRPC) {
      this.rpc = new RPC();
      this.rpc.within(undefined, head);
    }
    this.attempt = new Attempt(this, { endpoint, protocol: protocolFor(protocol, head), head });
    const started = this.attempt.start('pooled');
    if (started === 'refused') this.settle('too_many');
    else if (started === 'open') this.onOpen();
  }

  onOpen(): void {
    const { attempt, body } = this;
    if (attempt === undefined || body === undefined) return;
    this.body = undefined;
    body.replay(attempt);
    attempt.flush();
  }

  /** It is not sent, or given up. */
  settle(outcome: MirrorOutcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    unwatchDeadline(this);
    this.attempt = undefined;
    this.body = undefined;
    if (this.isEntered) leaveMirror(this.name);
    this.mirror.metrics.count(outcome);
  }

  onDeadline(): void {
    const { attempt } = this;
    this.settle('timed_out');
    attempt?.abandon();
  }

  onResponseEnd(): void {
    this.settle(this.isGone ? 'failed' : 'answered');
  }

  isOutOfTime(failure: UpstreamFailure): boolean {
    return this.rpc?.isOutOfTime(failure) === true;
  }

  onAttemptFailure(failure: UpstreamFailure): void {
    this.settle(this.isOutOfTime(failure) ? 'timed_out' : 'failed');
  }

  /** It asks for none. */
  onUpgrade(_head: unknown, { connection }: Upgraded): void {
    connection.destroy();
    this.attempt?.onUpgradeEnd();
    this.settle('failed');
  }

  onResponse(head: ResponseHead): boolean {
    // The endpoint's own sidecar says that its application is gone.
    this.isGone = head.hasOwnFields && head.status === 503 && takeRetryMark(head) !== undefined;
    return !this.isGone;
  }

  onInformational(): void {}

  onResponseData(): void {}

  onResponseFlush(): void {}

  onUpstreamDrain(): void {}
}
