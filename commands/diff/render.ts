import { policyWords } from '../explain/render.ts';
import { answerWords, isError, type Outcome, ruleTitle } from '../explain/outcome.ts';
import { columns } from '../output/columns.ts';
import { percent } from '../output/print.ts';
import { style } from '../output/style.ts';
import type { Changes, PortChanges, RequestChange } from './compareMeshes.ts';
import type { Effect } from './effect.ts';
import type { Example } from './exampleRequests.ts';

/** Changes for people. */
export function renderChanges({ ports, statuses }: Changes): readonly string[] {
  if (ports.length === 0 && statuses.length === 0) return ['Nothing would change for any request.'];
  const lines = ports.flatMap((port) => [...renderPort(port), '']);
  const rows = statuses.map(({ route, condition, turns, reason, message }) => [
    turns === 'Bad' ? style.bad('turns bad') : style.good('turns good'),
    route,
    condition,
    `${reason}: ${message}`,
  ]);
  if (rows.length === 0) return lines.slice(0, -1);
  return [...lines, style.head('Statuses of routes'), ...columns(rows, '  ')];
}

function renderPort({ port, clientNamespace, requests }: PortChanges): readonly string[] {
  const clients = clientNamespace === undefined ? '' : `, for clients in namespace ${clientNamespace}`;
  return [style.head(`${port}${clients}`), ...requests.flatMap(renderRequest)];
}

function renderRequest({ example, alike, before, after }: RequestChange): readonly string[] {
  const more = alike === 0 ? '' : style.faint(` and ${alike} alike`);
  const rows = [...effectRows('before', before), ...effectRows('after', after)];
  return [`  ${printExample(example)}${more}`, ...columns(rows, '    ')];
}

/** `GET /cart with x-user: tester` */
export function printExample({ method, target, headers }: Example): string {
  const lines = headers.map(({ name, value }) => `${name}: ${value}`);
  return `${method} ${target}${lines.length === 0 ? '' : ` with ${lines.join(', ')}`}`;
}

function effectRows(when: string, effect: Effect): readonly (readonly string[])[] {
  if (effect.type !== 'Routed') return [[when, '', effect.why]];
  const { route, rule, ruleName } = effect.decidedBy;
  const by = route === undefined ? '' : style.faint(` by ${ruleTitle({ rule: rule ?? 0, ruleName })} of ${route}`);
  return effect.outcomes.map((outcome, index) => [
    index === 0 ? when : '',
    percent(outcome.share),
    `${outcomeWords(outcome)}${index === effect.outcomes.length - 1 ? by : ''}`,
  ]);
}

/** What becomes of it, in one line. */
export function outcomeWords(outcome: Outcome): string {
  if (outcome.type === 'Answered') {
    const { location, flag, reason } = outcome;
    const colour = isError(outcome) ? style.bad : style.good;
    const to = location === undefined ? '' : ` to ${location}`;
    return `${colour(answerWords(outcome))}${to}${flag === undefined ? '' : ` (${flag}: ${reason ?? ''})`}`;
  }
  const { path, host, headers, response, mirrors, decidedBy } = outcome;
  const changed = [...response.set, ...response.add].map(({ name, value }) => `${name}: ${value}`);
  const rest = [
    ...headers.map(({ name, after }) => (after === undefined ? `without ${name}` : `${name}: ${after}`)),
    ...(changed.length + response.remove.length === 0
      ? []
      : [`answers get ${[...changed, ...response.remove.map((name) => `no ${name}`)].join(', ')}`]),
    ...mirrors.map(({ backend, share }) => `${percent(share)} copied to ${backend}`),
    ...policyWords(outcome),
    ...(response.cors === undefined ? [] : [`CORS: ${response.cors}`]),
  ];
  return `${decidedBy.backend ?? ''} as ${host}${path}${rest.length === 0 ? '' : `, ${rest.join(', ')}`}`;
}
