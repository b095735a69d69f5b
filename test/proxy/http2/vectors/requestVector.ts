import { http2Refusals } from '../../../../proxy/http2/refusals.ts';
import { refusals } from '../../../../proxy/message/refusal.ts';
import type { Field } from '../hpack/blocks.ts';

/** The fields of a head as they are decoded, and what exactly comes of them. */
export type HeadVector = {
  readonly title: string;
  readonly fields: readonly Field[];
  readonly body: 'follows' | 'none';
  readonly verdict: Verdict;
};

/** The refusal, or the members of the head that are told, with its fields as lines. */
type Verdict =
  | { readonly refused: RefusalName }
  | { readonly head: Readonly<Record<string, unknown>>; readonly lines: readonly string[] };

export type RefusalName = keyof typeof refusals | keyof typeof http2Refusals;

export const allRefusals = { ...refusals, ...http2Refusals };

/** `name: value`, one per line; a line that begins with `!` came as never indexed. */
export function fieldsOf(text: string): readonly Field[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Field => {
      const never = line.startsWith('!');
      const field = never ? line.slice(1) : line;
      const colon = field.indexOf(':', 1);
      const [name, value] = [field.slice(0, colon), field.slice(colon + 2)];
      return never ? [name, value, 'never'] : [name, value];
    });
}

/** The pseudo-header fields of an ordinary request, as `fieldsOf` reads them. */
export const get = ':method: GET\n:scheme: http\n:authority: x\n:path: /a\n';
export const post = get.replace('GET', 'POST');

type Expected = Readonly<Record<string, unknown>>;

/** One that is not accepted. */
export const refused = (
  title: string,
  name: RefusalName,
  text: string,
  body: 'follows' | 'none' = 'none',
): HeadVector => ({
  title,
  fields: fieldsOf(text),
  body,
  verdict: { refused: name },
});

/** One that is accepted. What stands in `head` beside what is told holds for an ordinary GET of /a at x. */
export const passes = (title: string, text: string, head: Expected, lines: readonly string[] = []): HeadVector => ({
  title,
  fields: fieldsOf(text),
  body: 'none',
  verdict: { head, lines },
});

/** The same where a body is to come. */
export const withBody = (vector: HeadVector): HeadVector => ({ ...vector, body: 'follows' });

export const long = (length: number): string => 'x'.repeat(length);
export const many = (count: number): string => Array.from({ length: count }, (_, at) => `n${at}: v\n`).join('');
