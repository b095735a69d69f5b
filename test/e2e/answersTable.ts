import { readFileSync } from 'node:fs';

/** What the table of docs/answers.md says of a status and flag. */
export type Row = {
  /** `404 NR`; without a flag the status alone, one for each. */
  readonly keys: readonly string[];
  /** The reasons as they are written there, `…` for what differs. */
  readonly reasons: readonly string[];
};

/** The rows of docs/answers.md under this heading, or of what stands before any, in their order. */
export function answersTable(heading = ''): Row[] {
  const text = readFileSync(new URL('../../docs/answers.md', import.meta.url), 'utf8');
  const [before, ...sections] = text.split('\n## ');
  const section = heading === '' ? before : sections.find((one) => one.startsWith(`${heading}\n`));
  const rows = section?.split('\n').filter((line) => /^\| \d{3}/.test(line)) ?? [];
  return rows.map((line) => {
    const [seen = '', reason = ''] = line.slice(1).split(/(?<!\\)\|/);
    const flags = codesIn(seen);
    const statuses = seen.match(/\d{3}/g) ?? [];
    const keys = flags.length === 0 ? statuses : statuses.flatMap((status) => flags.map((flag) => `${status} ${flag}`));
    return { keys, reasons: codesIn(reason) };
  });
}

function codesIn(cell: string): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, code = '']) => code);
}

/** Whether a line's reason is the one of the table; what may stand around it does not count. */
export function isReason(written: string, said: string): boolean {
  const plain = said
    .replace(/^the sidecar of the endpoint says: /, '')
    .replace(/; not sent again: .*$/, '')
    .replace(/; over HTTP\/2 the endpoint offers no upgrade$/, '')
    .replace(/; the application listens on .*$/, '');
  const parts = written.split('…').map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('.*')}$`).test(plain);
}
