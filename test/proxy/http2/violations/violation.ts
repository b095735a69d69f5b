import type { ErrorName } from '../../../../proxy/http2/protocol.ts';
import { both, data, endHeaders, endStream, frame, headers, literal, postBlock, zeros } from '../raw.ts';

/** What is sent behind the preface and SETTINGS, and what its sender is told; `scope` 0: of the connection, else of that stream. */
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

/** Bodies, behind a head that begins with this block, that are not as long as their head says. */
export function lengthRows(block: Buffer): Row[] {
  const head = (flag: number): Buffer =>
    frame(headers, flag, 1, Buffer.concat([block, literal('content-length', '3')]));
  const begun = head(endHeaders);
  return [
    ['a body longer than Content-Length', 'PROTOCOL_ERROR', 1, begun, frame(data, 0, 1, 'four')],
    ['a body shorter than it', 'PROTOCOL_ERROR', 1, begun, frame(data, endStream, 1, 'ab')],
    ['no body where it says one', 'PROTOCOL_ERROR', 1, head(both)],
    ['trailers before the whole of it', 'PROTOCOL_ERROR', 1, begun, frame(headers, both, 1, literal('a', 'b'))],
  ];
}

/** A stream whose request is complete, and that is not answered. */
export const whole = frame(headers, both, 1, postBlock);
export const more = Buffer.concat([Buffer.from([0x82, 0x86, 0x84]), literal('x-a', 'b')]);
export const huge = 0x7fff_ffff;

export const tooLong = zeros(16_385);
export const padded = 8;
export const prioritised = 32;
