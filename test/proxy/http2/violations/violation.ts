import type { ErrorName } from '../../../../proxy/http2/protocol.ts';
import { endHeaders, both, frame, headers, literal, postBlock } from '../raw.ts';

/** What a client sends behind its preface and SETTINGS, and what it is told; `scope` 0: of the connection, else of that stream. */
export type Violation = {
  readonly title: string;
  readonly section: string;
  readonly bytes: readonly Buffer[];
  readonly error: ErrorName;
  readonly scope: number;
  /** Instead of preface and SETTINGS. */
  readonly start?: Buffer;
};

export type Row = readonly [title: string, error: ErrorName, scope: number, ...bytes: Buffer[]];

/** The cases of one section of RFC 9113. */
export function section(name: string, rows: readonly Row[]): Violation[] {
  return rows.map(([title, error, scope, ...bytes]) => ({ title, section: name, error, scope, bytes }));
}

/** A stream that is open: its request has a body, of which nothing has come. */
export const open = frame(headers, endHeaders, 1, postBlock);
/** A stream whose request is complete, and that is not answered. */
export const whole = frame(headers, both, 1, postBlock);
export const zeros = (length: number): Buffer => Buffer.alloc(length);
export const more = Buffer.concat([Buffer.from([0x82, 0x86, 0x84]), literal('x-a', 'b')]);
export const huge = 0x7fff_ffff;

export const tooLong = zeros(16_385);
export const padded = 8;
export const prioritised = 32;
