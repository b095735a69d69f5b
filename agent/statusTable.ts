import type { RouteStatus } from './translate/result.ts';

const header = ['ROUTE', 'PARENT', 'CONDITION', 'REASON', 'MESSAGE'];

/** The conditions of all routes as an aligned table, one line each, for a terminal. Ends with a newline. */
export function printStatuses(statuses: readonly RouteStatus[]): string {
  const rows = statuses.flatMap((route) =>
    route.parents.flatMap(({ parentRef, conditions }) =>
      conditions.map(({ type, status, reason, message }) => [
        `${route.kind} ${route.namespace}/${route.name}`,
        printParent(parentRef, route.namespace),
        `${type}=${status ? 'True' : 'False'}`,
        reason,
        message,
      ]),
    ),
  );
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (column === header.length - 1 ? 0 : (row[column] ?? '').length))),
  );
  const lines = [header, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function printParent(ref: RouteStatus['parents'][number]['parentRef'], routeNamespace: string): string {
  const port = ref.port === undefined ? '' : `:${ref.port}`;
  const section = ref.sectionName === undefined ? '' : ` (${ref.sectionName})`;
  return `${ref.kind} ${ref.namespace ?? routeNamespace}/${ref.name}${port}${section}`;
}
