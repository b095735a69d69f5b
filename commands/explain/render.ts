import { columns } from '../output/columns.ts';
import { duration, percent } from '../output/print.ts';
import { style } from '../output/style.ts';
import { some } from '../output/words.ts';
import type { Explained } from './explain.ts';
import type { ExplainedLine } from './explainLine.ts';
import type { TriedMatch } from './others.ts';
import {
  type Answered,
  answerWords,
  type DecidedBy,
  type Forwarded,
  isError,
  type Outcome,
  ruleTitle,
  statusWords,
} from './outcome.ts';

/** An explanation for people. */
export function renderExplained(explained: Explained): readonly string[] {
  return [
    style.head(`${explained.request.method} ${explained.request.url}`),
    ...columns(whereRows(explained), '  '),
    ...(explained.outcomes.length === 0 ? [] : ['', ...renderOutcomes(explained)]),
    ...renderMatches(explained),
    ...explained.notes.flatMap((note) => ['', `Note: ${note}`]),
  ];
}

/** The same of the request of a line. */
export function renderLine(explained: ExplainedLine): readonly string[] {
  const { status, grpcStatus, reason, isSameRouting, isSameRule, says } = explained.line;
  const since = isSameRouting ? 'The routing is the same now.' : 'The routing is another one now.';
  const rule = isSameRule ? 'The same rule takes it.' : style.bad('It would be decided otherwise.');
  const why = reason === undefined ? '' : `, since ${reason}`;
  return [
    `The line says: ${says}; ${statusWords({ status, grpcStatus })}${why}.`,
    `${since} ${rule}`,
    '',
    ...renderExplained(explained),
  ];
}

function whereRows({ client, port, connection, why, routes }: Explained): readonly (readonly string[])[] {
  const { node, zone } = client.place;
  const runs = `${node === undefined ? '' : ` on node ${node}`}${zone === undefined ? '' : ` in zone ${zone}`}`;
  const name = client.pod === undefined ? `in namespace ${client.namespace}` : `${client.namespace}/${client.pod}`;
  const rows = [['client', `${name}${runs}`]];
  if (port === undefined) return [...rows, ['goes', why]];
  const named = port.name === undefined ? '' : ` (${port.name})`;
  rows.push(
    ['Service', `${port.service}, port ${port.port}${named}`],
    [connection === 'Refused' ? 'refused' : 'served', why],
  );
  for (const route of routes) rows.push([route.applies ? 'applies' : 'does not', `${route.route}, ${route.why}`]);
  return rows;
}

function renderOutcomes({ outcomes, unused, request }: Explained): readonly string[] {
  const [first] = outcomes;
  if (first === undefined) return [];
  const path = pathOf(request.url);
  const host = /^\w+:\/\/([^/]*)/.exec(request.url)?.[1] ?? '';
  const common = [
    ...unused.map((backend) => ['0%', `${backend}, which has weight 0`]),
    ...(first.type === 'Forwarded' ? policyRows(first) : []),
  ];
  return [
    headline(first.decidedBy, first),
    ...columns([...outcomes.flatMap((one) => outcomeRows(one, path, host)), ...common], '  '),
  ];
}

function headline({ route, rule, ruleName, matched }: DecidedBy, outcome: Outcome): string {
  if (route !== undefined)
    return `It takes ${ruleTitle({ rule: rule ?? 0, ruleName })} of ${route}, by ${matched ?? ''}`;
  return outcome.type === 'Forwarded' ? 'It goes to the Service itself' : 'It is answered by the sidecar';
}

function outcomeRows(outcome: Outcome, path: string, host: string): readonly (readonly string[])[] {
  return outcome.type === 'Answered' ? answeredRows(outcome) : forwardedRows(outcome, path, host);
}

function answeredRows(outcome: Answered): readonly (readonly string[])[] {
  const { share, flag, reason, location, headers, cors, decidedBy } = outcome;
  const colour = isError(outcome) ? style.bad : style.good;
  const to = decidedBy.backend === undefined ? '' : ` instead of ${decidedBy.backend}`;
  const why = flag === undefined ? '' : `, ${flag}: ${reason ?? ''}`;
  return [
    [percent(share), `${colour(answerWords(outcome))}${to}${why}`],
    ...(location === undefined ? [] : [['', `Location: ${location}`]]),
    ...headers.map(({ name, value }) => ['', `${name}: ${value}`]),
    ...(cors === undefined ? [] : [['', `CORS: ${cors}`]]),
  ];
}

function forwardedRows(outcome: Forwarded, path: string, host: string): readonly (readonly string[])[] {
  const { share, decidedBy, response, mirrors } = outcome;
  const rows = [[percent(share), `${style.good(decidedBy.backend ?? '')} ${endpointWords(outcome)}`]];
  const say = (text: string): void => void rows.push(['', text]);
  if (outcome.path !== path) say(`path ${path} becomes ${outcome.path}`);
  if (outcome.host !== host) say(`host ${host} becomes ${outcome.host}`);
  for (const { name, before, after } of outcome.headers) {
    if (after === undefined) say(`header ${name} is taken out`);
    else say(before === undefined ? `header ${name}: ${after} is added` : `header ${name}: ${before} becomes ${after}`);
  }
  for (const { name, value } of response.set) say(`the answer gets ${name}: ${value}`);
  for (const { name, value } of response.add) say(`the answer gets ${name}: ${value} besides`);
  for (const name of response.remove) say(`the answer loses ${name}`);
  if (response.cors !== undefined) say(`CORS: ${response.cors}`);
  for (const mirror of mirrors)
    say(`a copy to ${mirror.backend}${mirror.share === 1 ? '' : ` of ${percent(mirror.share)}`}`);
  return rows;
}

const mostShown = 8;

function endpointWords({ endpoints, staysWithOne }: Forwarded): string {
  if (endpoints === undefined)
    return style.faint('(no EndpointSlice of it in the files, so its endpoints are not known)');
  const names = endpoints.map(({ address, pod }) => (pod === undefined ? address : `${address} (${pod})`));
  return `at ${some(names, mostShown)}${staysWithOne ? '; a client stays with one of them' : ''}`;
}

function policyRows(outcome: Forwarded): readonly (readonly string[])[] {
  return policyWords(outcome).map((text) => ['all', text]);
}

/** What timeouts and retries of the rule mean. */
export function policyWords({ timeouts, retry, isGRPC }: Forwarded): readonly string[] {
  const words: string[] = [];
  const { requestMs, backendRequestMs } = timeouts ?? {};
  if (requestMs !== undefined)
    words.push(`answered ${isGRPC ? 'DEADLINE_EXCEEDED' : '504'} where it takes longer than ${duration(requestMs)}`);
  if (backendRequestMs !== undefined) words.push(`each try has ${duration(backendRequestMs)}`);
  if (retry?.attempts === 0) words.push('never sent again');
  else if (retry !== undefined) {
    const codes = retry.codes.length === 0 ? '' : `, also after ${retry.codes.join(', ')}`;
    const backoff = retry.backoffMs === undefined ? '' : `, waiting ${duration(retry.backoffMs)} at first`;
    words.push(`sent again up to ${retry.attempts} times${codes}${backoff}`);
  }
  return words;
}

function renderMatches({ matches }: Explained): readonly string[] {
  const others = matches.filter(({ result }) => result !== 'Taken');
  if (others.length === 0) return [];
  const isTaken = others.length < matches.length;
  const severalRoutes = new Set(matches.map(({ route }) => route)).size > 1;
  const title = isTaken
    ? 'The other matches, in the order in which they are tried'
    : 'No match holds; in the order in which they are tried';
  const header = ['RULE', 'MATCHES', 'WHY NOT'].map(style.faint);
  return ['', title, ...columns([header, ...others.map((one) => matchRow(one, severalRoutes))], '  ')];
}

function matchRow(tried: TriedMatch, severalRoutes: boolean): readonly string[] {
  const route = severalRoutes ? `${tried.route} ` : '';
  return [`${route}${ruleTitle(tried)}`, tried.matches, tried.why];
}

function pathOf(url: string): string {
  return url.replace(/^\w+:\/\/[^/]*/, '');
}
