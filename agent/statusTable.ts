import { routeName } from '../routing/model.ts';
import { compareText } from './translate/compare.ts';
import type { Change } from './translate/derived.ts';
import type { RouteStatus } from './translate/result.ts';

const header = ['ROUTE', 'PARENT', 'CONDITION', 'REASON', 'MESSAGE'];

type Row = readonly string[];
type Listed = { readonly status: RouteStatus; readonly rows: readonly Row[] };

/** Returns what takes changed statuses, and prints the table of all for a terminal when a line of it is another one. */
export function createStatusTable(print: (table: string) => void): (changes: readonly Change<RouteStatus>[]) => void {
  const listed: Listed[] = [];
  return (changes) => {
    let isNews = false;
    for (const { before, after } of changes) {
      const status = after ?? before;
      if (status === undefined) continue;
      const place = findPlace(listed, status);
      const known = listed[place];
      const old = known !== undefined && compare(known.status, status) === 0 ? [known] : [];
      const rows = after === undefined ? [] : listRows(after);
      isNews ||= JSON.stringify(old[0]?.rows ?? []) !== JSON.stringify(rows);
      listed.splice(place, old.length, ...(rows.length > 0 ? [{ status, rows }] : []));
    }
    if (isNews) print(printTable(listed.flatMap(({ rows }) => rows)));
  };
}

/** Where a route stands among the others, or would. */
function findPlace(listed: readonly Listed[], status: RouteStatus): number {
  let [from, to] = [0, listed.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const other = listed[middle]?.status;
    if (other !== undefined && compare(other, status) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function compare(one: RouteStatus, other: RouteStatus): number {
  return (
    compareText(one.namespace, other.namespace) ||
    compareText(one.name, other.name) ||
    compareText(one.kind, other.kind)
  );
}

function listRows(route: RouteStatus): readonly Row[] {
  return route.parents.flatMap(({ parentRef, conditions }) =>
    conditions.map(({ type, status, reason, message }) => [
      routeName(route),
      printParent(parentRef, route.namespace),
      `${type}=${status ? 'True' : 'False'}`,
      reason,
      message,
    ]),
  );
}

/** Aligned, a line for each condition. Ends with a newline. */
function printTable(rows: readonly Row[]): string {
  const widths = header.map((title, column) => {
    const isLast = column === header.length - 1;
    return rows.reduce((width, row) => Math.max(width, isLast ? 0 : (row[column] ?? '').length), title.length);
  });
  const lines = [header, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function printParent(ref: RouteStatus['parents'][number]['parentRef'], routeNamespace: string): string {
  const port = ref.port === undefined ? '' : `:${ref.port}`;
  const section = ref.sectionName === undefined ? '' : ` (${ref.sectionName})`;
  return `${ref.kind} ${ref.namespace ?? routeNamespace}/${ref.name}${port}${section}`;
}
