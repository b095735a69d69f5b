import type { Logger } from '../runtime/log.ts';
import type { Problem } from './translate/result.ts';

/** So many different problems of one change are told in full. */
const toldInFull = 10;

/**
 * Returns what tells of the problems of each translation, each once, when it appears. A problem that many objects have,
 * such as a port of a Service that all its routes leave out, is one line; the level debug has one for each object.
 * It answers how many problems there are.
 */
export function createProblemReport(log: Logger): (problems: readonly Problem[]) => number {
  let known = new Set<string>();
  let last: readonly Problem[] = [];
  return (problems) => {
    if (problems === last) return known.size;
    last = problems;
    const fresh = new Map<string, Problem>();
    const now = new Set<string>();
    for (const problem of problems) {
      const key = `${problem.object} ${problem.message}`;
      now.add(key);
      if (!known.has(key)) fresh.set(key, problem);
    }
    known = now;
    tell(log, [...fresh.values()]);
    return known.size;
  };
}

function tell(log: Logger, problems: readonly Problem[]): void {
  const byMessage = [...Map.groupBy(problems, ({ message }) => message)];
  for (const [reason, alike] of byMessage.slice(0, toldInFull)) {
    const others = alike.length - 1;
    log.warn({ object: alike[0]?.object, ...(others > 0 && { others }), reason }, 'Configuration problem');
    for (const { object } of alike.slice(1)) log.debug({ object, reason }, 'The same configuration problem');
  }
  const rest = byMessage.slice(toldInFull);
  if (rest.length === 0) return;
  const objects = rest.reduce((sum, [, alike]) => sum + alike.length, 0);
  log.warn(
    { problems: rest.length, objects, reason: 'set HEDDLE_LOG_LEVEL=debug and restart the agent to see each' },
    'More configuration problems',
  );
  for (const { object, message } of rest.flatMap(([, alike]) => alike))
    log.debug({ object, reason: message }, 'Configuration problem');
}
