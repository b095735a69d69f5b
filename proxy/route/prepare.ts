import type { Matched } from '../../routing/match/candidate.ts';
import {
  type Backend,
  endpointsName,
  type Filter,
  type Protocol,
  routeName,
  type Rule,
  type ServiceRouting,
} from '../../routing/model.ts';
import { compileWeights } from '../../routing/weights.ts';
import { defaultReasons, type Flag } from '../observe/flags.ts';
import { explanationFragment } from '../observe/fragment.ts';
import type { CompileContext } from './compileContext.ts';
import { type Cors, prepareCors } from './cors.ts';
import type { Answer, BackendGroup, Decision, Mirror, Preflight } from './decision.ts';
import { type HeaderChange, prepareHeaderModifier } from './headerModifier.ts';
import { prepareMirrors } from './mirror.ts';
import { upstreamProtocols } from '../upstream/connections.ts';

/** The decisions of one match. */
export type PreparedRule = {
  /** Chooses by weight. */
  readonly choose: (random: () => number) => Decision;
  /** For a preflight, if its rule answers them. */
  readonly preflight: Decision | undefined;
};

type Place = {
  readonly routing: ServiceRouting;
  readonly matched: Matched | undefined;
  readonly context: CompileContext;
  readonly cors: Cors | undefined;
};

/** Default forwarding: no route is attached. */
export function prepareDefault(routing: ServiceRouting, group: BackendGroup, context: CompileContext): Decision {
  const { service, port } = routing;
  const place = { routing, matched: undefined, context, cors: undefined };
  return send(place, {
    group,
    // No route sends its requests anywhere: who calls it speaks what it speaks, whatever its port is named.
    protocol: routing.protocol === 'http1' ? 'detect' : routing.protocol,
    backend: { ...service, port },
    share: undefined,
    filters: [],
  });
}

/** Routes are attached and no rule matches: 404. */
export function prepareNoMatch(routing: ServiceRouting, context: CompileContext): Answer {
  const place = { routing, matched: undefined, context, cors: undefined };
  return answer(place, { status: 404, flag: 'NR', reason: defaultReasons.NR });
}

/** The decisions of one match of a rule. */
export function prepareRule(routing: ServiceRouting, matched: Matched, context: CompileContext): PreparedRule {
  const { rule } = matched;
  const filter = rule.filters.find((one) => one.type === 'CORS');
  const cors = filter === undefined ? undefined : prepareCors(filter);
  const place = { routing, matched, context, cors };
  const problem = findProblem(rule);
  if (problem !== undefined) {
    const wrong = answer(place, { status: 500, flag: 'NFCF', reason: problem });
    return { choose: () => wrong, preflight: cors === undefined ? undefined : wrong };
  }
  const preflight = cors === undefined ? undefined : preparePreflight(place, cors);
  return { choose: prepareChoice(place, rule), preflight };
}

function preparePreflight(place: Place, cors: Cors): Preflight {
  const responseHeaders = responseHeadersOf(place.matched?.rule.filters ?? []);
  return { type: 'Preflight', ...prepared(place, undefined, undefined), responseHeaders, by: cors, cors: undefined };
}

function prepareChoice(place: Place, rule: Rule): PreparedRule['choose'] {
  const redirect = rule.filters.find((filter) => filter.type === 'RequestRedirect');
  if (redirect !== undefined) return always(answer(place, { status: redirect.statusCode, redirect }));

  const weights = compileWeights(rule.backends);
  const decisions = new Map(
    rule.backends.map((backend) => [backend, prepareBackend(place, backend, weights.shareOf(backend))]),
  );
  const none = answer(place, {
    status: 500,
    flag: 'NC',
    reason: 'the rule has no backend with a weight above 0: give it one',
  });
  const only = rule.backends.length === 1 && decisions.size === 1 ? weights.choose(0) : undefined;
  if (only !== undefined) return always(decisions.get(only) ?? none);
  return (random) => {
    const backend = weights.choose(random());
    return (backend === undefined ? undefined : decisions.get(backend)) ?? none;
  };
}

function always(decision: Decision): PreparedRule['choose'] {
  return () => decision;
}

function prepareBackend(place: Place, backend: Backend, share: number): Decision {
  const { target } = backend;
  const problem = findProblem(backend);
  if (target.type === 'Invalid') {
    return answer(place, { status: 500, flag: 'NC', reason: `${target.reason}: ${target.message}`, backend, share });
  }
  if (problem !== undefined) return answer(place, { status: 500, flag: 'NFCF', reason: problem, backend, share });
  const filters = [...(place.matched?.rule.filters ?? []), ...backend.filters];
  const group = place.context.group(target.endpoints);
  return send(place, { group, protocol: target.protocol, backend, share, filters });
}

/** What of a rule or backend cannot be done, if anything: it answers 500 rather than skip that. */
function findProblem(owner: Pick<Rule, 'filters'>): string | undefined {
  const unsupported = owner.filters.find((filter) => filter.type === 'Unsupported');
  return unsupported === undefined ? undefined : `${unsupported.name}: ${unsupported.message}`;
}

type BackendName = { readonly namespace: string; readonly name: string; readonly port: number };

type SendTo = {
  readonly group: BackendGroup;
  /** What its endpoints speak. */
  readonly protocol: Protocol;
  readonly backend: BackendName;
  readonly share: number | undefined;
  /** The rule's, then the backend's: of two rewrites the backend's counts. */
  readonly filters: readonly Filter[];
};

function send(place: Place, to: SendTo): Decision {
  const { group, backend, share, filters } = to;
  const protocol = upstreamProtocols[to.protocol];
  if (protocol === undefined) {
    const reason = `UnsupportedProtocol: requests cannot be sent to endpoints that speak ${to.protocol}`;
    return answer(place, { status: 500, flag: 'NC', reason, backend, ...(share === undefined ? {} : { share }) });
  }
  const requestHeaders = filters.filter((filter) => filter.type === 'RequestHeaderModifier').map(prepareHeaderModifier);
  const rewrites = filters.filter((filter) => filter.type === 'URLRewrite');
  return {
    type: 'Forward',
    ...prepared(place, backend, share),
    cors: place.cors,
    group,
    protocol,
    requestHeaders,
    responseHeaders: responseHeadersOf(filters).toReversed(),
    hostname: rewrites.findLast((rewrite) => rewrite.hostname !== undefined)?.hostname,
    path: rewrites.findLast((rewrite) => rewrite.path !== undefined)?.path,
    matchedPrefix: matchedPrefixOf(place.matched),
    timeouts: place.matched?.rule.timeouts,
    mirrors: mirrorsOf(place, filters),
    retry: place.matched?.rule.retry,
    retries: place.context.metrics.retries({ ...routeKeyOf(place), backend }),
  };
}

function mirrorsOf(place: Place, filters: readonly Filter[]): readonly Mirror[] | undefined {
  return prepareMirrors({ filters, timeouts: place.matched?.rule.timeouts, key: routeKeyOf(place) }, place.context);
}

type AnswerWith = {
  readonly status: number;
  readonly flag?: Flag;
  readonly reason?: string;
  readonly redirect?: Answer['redirect'];
  readonly backend?: BackendName;
  readonly share?: number;
};

function answer(place: Place, { status, flag, reason, redirect, backend, share }: AnswerWith): Answer {
  const filters = place.matched?.rule.filters ?? [];
  return {
    type: 'Answer',
    ...prepared(place, backend, share),
    status,
    flag,
    reason,
    redirect,
    matchedPrefix: matchedPrefixOf(place.matched),
    // A rule whose filters are wrong applies none of them.
    cors: flag === 'NFCF' ? undefined : place.cors,
    responseHeaders: flag === undefined ? responseHeadersOf(filters) : [],
  };
}

function responseHeadersOf(filters: readonly Filter[]): readonly HeaderChange[] {
  return filters.filter((filter) => filter.type === 'ResponseHeaderModifier').map(prepareHeaderModifier);
}

function prepared({ routing, matched, context }: Place, backend: BackendName | undefined, share: number | undefined) {
  const { service, port } = routing;
  const explanation = explanationFragment({
    service: endpointsName(service, port),
    route: matched === undefined ? undefined : routeName(matched.route),
    rule: matched?.rule.index,
    ruleName: matched?.rule.name,
    matched: matched?.explanation,
    backend: backend === undefined ? undefined : endpointsName(backend, backend.port),
    share: share === undefined ? undefined : `${Math.round(share * 1000) / 10}%`,
    revision: context.revision,
  });
  return { explanation, metrics: context.metrics.route({ ...routeKeyOf({ routing, matched }), backend }) };
}

function routeKeyOf({ routing, matched }: Pick<Place, 'routing' | 'matched'>) {
  const parent = { ...routing.service, port: routing.port };
  if (matched === undefined) return { parent, route: undefined };
  const { kind, namespace, name } = matched.route;
  return { parent, route: { kind, namespace, name, rule: matched.rule.index } };
}

function matchedPrefixOf(matched: Matched | undefined): string | undefined {
  return matched?.match.path.type === 'PathPrefix' ? matched.match.path.value : undefined;
}
