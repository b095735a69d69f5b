import { parseRequest } from '../request/parseRequest.ts';
import type { Explained } from '../explain/explain.ts';
import { answerWords, type Forwarded, type Outcome } from '../explain/outcome.ts';
import { percent } from '../output/print.ts';
import type { Case, Expectation } from './readCases.ts';

/** What is not as a case expects it, in words; none: all is. */
export function judgeCase({ expect, headers }: Case, explained: Explained): readonly string[] {
  const { outcomes } = explained;
  if (outcomes.length === 0) return [`the request is not routed: ${explained.why}`];
  const forwarded = outcomes.filter((outcome) => outcome.type === 'Forwarded');
  const sent = parseRequest(['http://x/'], headers).headers;
  return [
    ...judgeBackends(expect, outcomes),
    ...judgeEach('status of the sidecar', expect.status, outcomes, (one) =>
      one.type === 'Answered' ? one.status : undefined,
    ),
    ...judgeEach('grpcStatus of the sidecar', expect.grpcStatus, outcomes, (one) =>
      one.type === 'Answered' ? one.grpcStatus : undefined,
    ),
    ...judgeEach('flag', expect.flag, outcomes, (one) => (one.type === 'Answered' ? one.flag : undefined)),
    ...judgeEach('location', expect.location, outcomes, (one) => (one.type === 'Answered' ? one.location : undefined)),
    ...judgeEach('route', expect.route, outcomes, ({ decidedBy }) => decidedBy.route),
    ...judgeEach('rule', expect.rule, outcomes, ({ decidedBy: { rule, ruleName } }) =>
      typeof expect.rule === 'number' ? rule : (ruleName ?? (rule === undefined ? undefined : String(rule))),
    ),
    ...judgeEach('path', expect.path, forwarded, ({ path }) => path),
    ...judgeEach('host', expect.host, forwarded, ({ host }) => host),
    ...Object.entries(expect.headers ?? {}).flatMap(([name, value]) =>
      judgeEach(`header ${name}`, value ?? 'none', forwarded, (one) => headerOf(one, name, sent) ?? 'none'),
    ),
  ];
}

function judgeBackends({ backend, backends }: Expectation, outcomes: readonly Outcome[]): readonly string[] {
  const wanted = backends ?? (backend === undefined ? undefined : { [backend]: 100 });
  if (wanted === undefined) return [];
  const shares = new Map<string, number>();
  for (const outcome of outcomes) {
    const name = outcome.type === 'Forwarded' ? (outcome.decidedBy.backend ?? '') : answerWords(outcome);
    shares.set(name, (shares.get(name) ?? 0) + outcome.share * 100);
  }
  const names = new Set([...shares.keys(), ...Object.keys(wanted)]);
  const isAlike = [...names].every((name) => Math.abs((shares.get(name) ?? 0) - (wanted[name] ?? 0)) < 0.05);
  if (isAlike) return [];
  return [`backends are ${printShares([...shares])}, not ${printShares(Object.entries(wanted))}`];
}

function printShares(shares: readonly (readonly [string, number])[]): string {
  return shares.map(([name, share]) => `${percent(share / 100)} ${name}`).join(', ');
}

function judgeEach<O extends Outcome>(
  what: string,
  wanted: string | number | undefined,
  outcomes: readonly O[],
  read: (outcome: O) => string | number | undefined,
): readonly string[] {
  if (wanted === undefined) return [];
  if (outcomes.length === 0) return [`${what} is not ${wanted}: no endpoint gets it`];
  const others = new Set(outcomes.map(read).filter((given) => given !== wanted));
  return [...others].map((given) =>
    given === undefined ? `there is no ${what}; expected ${wanted}` : `${what} is ${given}, not ${wanted}`,
  );
}

/** As the endpoint gets it: what a filter makes of it, else as it was sent. */
function headerOf(
  { headers }: Forwarded,
  name: string,
  sent: readonly { name: string; value: string }[],
): string | undefined {
  const changed = headers.find((header) => header.name === name.toLowerCase());
  if (changed !== undefined) return changed.after;
  return sent.find((header) => header.name.toLowerCase() === name.toLowerCase())?.value;
}
