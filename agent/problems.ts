import type { Logger } from '../runtime/log.ts';
import { compareText } from './translate/compare.ts';
import type { Change } from './translate/derived.ts';

/** So many different problems of one change are told in full. */
const toldInFull = 10;

type Problem = { readonly object: string; readonly message: string };

/**
 * Returns what tells of the problems of objects as they change, each once, when it appears. A problem that many objects
 * have, such as a port of a Service that all its routes leave out, is one line; the level debug has one for each object.
 * It answers how many problems there are.
 */
export function createProblemReport(log: Logger): (changes: readonly Change<readonly string[]>[]) => number {
  let count = 0;
  return (changes) => {
    const fresh: Problem[] = [];
    for (const { key, before, after } of changes) {
      const known = new Set(before);
      const now = new Set(after);
      count += now.size - known.size;
      for (const message of now) if (!known.has(message)) fresh.push({ object: key, message });
    }
    tell(
      log,
      fresh.sort((one, other) => compareText(one.object, other.object) || compareText(one.message, other.message)),
    );
    return count;
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
