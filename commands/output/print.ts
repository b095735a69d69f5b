import { stringify } from 'yaml';

/** How a result is printed: for people, or whole, for programs. */
export const formats = ['table', 'json', 'yaml'] as const;
export type Format = (typeof formats)[number];

/** A result in the format that was asked for; `lines` writes it for people. Ends with a newline. */
export function print<T>(result: T, format: Format, lines: (result: T) => readonly string[]): string {
  if (format === 'json') return `${JSON.stringify(result, undefined, 2)}\n`;
  if (format === 'yaml') return stringify(result, { aliasDuplicateObjects: false, lineWidth: 0 });
  return lines(result)
    .map((line) => `${line}\n`)
    .join('');
}

/** A part of all as people write it: `100%`, `33.3%`. */
export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}

/** Durations as the Gateway API writes them: `1m30s`, `250ms`. */
export function duration(ms: number): string {
  if (ms % 1000 !== 0 || ms === 0) return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
  const seconds = ms / 1000;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
