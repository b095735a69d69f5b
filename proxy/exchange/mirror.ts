import type { Fields } from '../message/fields.ts';
import type { RequestHead } from '../message/head.ts';
import type { MirrorOutcome } from '../observe/mirrorMetrics.ts';
import type { Forward } from '../route/decision.ts';
import { attemptHead } from './attemptHead.ts';
import type { ExchangeContext } from './context.ts';
import { HeldBody } from './heldBody.ts';
import { Mirrored } from './mirrored.ts';

// A longer body is not kept for mirrors.
const maxBodyBytes = 65_536;

/** What the line says of a mirror that got nothing, or not all. One under way, or answered, is only named. */
const reasons: Readonly<Record<MirrorOutcome, string>> = {
  answered: '',
  failed: ' (failed)',
  timed_out: ' (timed out)',
  no_endpoint: ' (not sent: no endpoint)',
  too_many: ' (not sent: too many under way)',
  body_too_long: ' (not sent: body too long)',
  body_cut_off: ' (not sent: body cut off)',
  upgrade: ' (not sent: an upgrade)',
};

/** Draws which of the decision's mirrors get a copy of this request; undefined: none of them. */
export function drawMirrors(decision: Forward, head: RequestHead, context: ExchangeContext): Mirrors | undefined {
  const { mirrors } = decision;
  if (mirrors === undefined) return undefined;
  const drawn = mirrors.filter(({ fraction }) => fraction === 1 || context.random() < fraction);
  return drawn.length === 0
    ? undefined
    : new Mirrors(
        decision,
        head,
        context,
        drawn.map((one) => new Mirrored(one)),
      );
}

/**
 * The second consumer of a request's stream: keeps its body, and once all of it has come sends it to the mirrors, as the
 * endpoint gets it. Nothing of it holds up the request; a request that ends before its body is not mirrored.
 */
export class Mirrors {
  private body: HeldBody | undefined = new HeldBody();
  private readonly decision: Forward;
  private readonly head: RequestHead;
  private readonly context: ExchangeContext;
  private readonly mirrored: readonly Mirrored[];

  constructor(decision: Forward, head: RequestHead, context: ExchangeContext, mirrored: readonly Mirrored[]) {
    this.decision = decision;
    this.head = head;
    this.context = context;
    this.mirrored = mirrored;
    if (head.upgrade !== '') this.giveUp('upgrade');
    else if (head.bodyLength > maxBodyBytes) this.giveUp('body_too_long');
  }

  /** Bytes of memory. */
  get held(): number {
    return this.body?.held ?? 0;
  }

  data(buffer: Buffer, start: number, end: number): void {
    const { body } = this;
    if (body === undefined) return;
    if (body.bytes + end - start > maxBodyBytes) this.giveUp('body_too_long');
    else body.keep(buffer, start, end);
  }

  end(trailers: Fields | undefined): void {
    const { body, context } = this;
    if (body === undefined) return;
    this.body = undefined;
    body.end(trailers?.copy());
    // The codec takes its head, and the trailers, back when the exchange is over, and the copies may still wait for their connections.
    const sent = attemptHead(this.decision, this.head, context);
    const head = sent === this.head ? sent.copy() : sent;
    // The body does not wait: the client was told already that it is wanted.
    head.headers.remove('expect');
    for (const one of this.mirrored) one.send({ head, body, context });
  }

  /** The exchange is over. Returns what its line says, as ready JSON text. */
  close(): string {
    this.giveUp('body_cut_off');
    const told = this.mirrored.map(({ name, outcome }) => name + (outcome === undefined ? '' : reasons[outcome]));
    return `,"mirrors":"${told.join(', ')}"`;
  }

  private giveUp(outcome: MirrorOutcome): void {
    if (this.body === undefined) return;
    this.body = undefined;
    for (const one of this.mirrored) one.settle(outcome);
  }
}
