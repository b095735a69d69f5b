import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { Protocol } from '../../../routing/model.ts';
import type { Spoken } from '../../../proxy/detect/detect.ts';
import { Detector, type DetectorLimits, type DetectorOwner } from '../../../proxy/detect/detector.ts';
import type { Expectation } from '../../../proxy/route/expectation.ts';
import type { Connection } from '../../../proxy/socket/connection.ts';
import { connectTo } from '../accepted.ts';
import type { Peer } from '../peer.ts';

type Limits = Partial<DetectorLimits> & { readonly silenceMs?: number };

const neverMs = 120_000;

/** Notes what it is told, in order: `protocol "bytes"`, `silence`, `idle`, `closed`. */
export class Listener implements DetectorOwner {
  expectation: Expectation;
  readonly limits: DetectorLimits;
  readonly silenceMs: number;
  readonly heard: string[] = [];
  connection: Connection | undefined;
  /** Bytes that the detector has read. */
  read = 0;
  detector: Detector | undefined;

  constructor(expectation: Expectation, limits: Limits) {
    this.expectation = expectation;
    this.limits = { detectTimeoutMs: neverMs, headerTimeoutMs: neverMs, idleTimeoutMs: neverMs, ...limits };
    this.silenceMs = limits.silenceMs ?? neverMs;
  }

  listen(connection: Connection): void {
    this.connection = connection;
    const detector = new Detector(connection, this);
    const onBytes = detector.onBytes.bind(detector);
    detector.onBytes = (buffer, length) => {
      this.read += length;
      onBytes(buffer, length);
    };
    this.detector = detector;
    detector.start();
  }

  onDetected(spoken: Spoken, first: Buffer): void {
    this.heard.push(`${spoken} ${JSON.stringify(first.toString('latin1'))}`);
  }

  onSilence(): void {
    this.heard.push('silence');
  }

  onIdle(): void {
    this.heard.push('idle');
  }

  onClosed(): void {
    this.heard.push('closed');
  }

  async hears(count: number): Promise<readonly string[]> {
    for (let turns = 0; turns < 3000 && this.heard.length < count; turns++) await sleep(10);
    return this.heard;
  }
}

export type Known = { readonly protocol?: Protocol; readonly routed?: boolean; readonly limits?: Limits };

/** A client, and who hears what is found to be spoken by it. */
export async function detecting(
  t: ExecutionContext,
  { protocol = 'detect', routed = false, limits = {} }: Known = {},
): Promise<{ readonly peer: Peer; readonly owner: Listener }> {
  const owner = new Listener({ protocol, routed }, limits);
  return { peer: await connectTo(t, (connection) => owner.listen(connection)), owner };
}

/** What is heard of a protocol. */
export const told = (spoken: Spoken, bytes: string): readonly string[] => [`${spoken} ${JSON.stringify(bytes)}`];
