import { compileRoutes } from '../../routing/match/compile.ts';
import type { Matched } from '../../routing/match/candidate.ts';
import type { MatchRequest } from '../../routing/match/request.ts';
import { announcedBy } from '../../routing/match/preflight.ts';
import type { Filter, ServiceRouting } from '../../routing/model.ts';
import type { CompileContext } from './compileContext.ts';
import type { BackendGroup, Decision } from './decision.ts';
import { type Expectation, expectationOf } from './expectation.ts';
import { prepareDefault, prepareNoMatch, type PreparedRule, prepareRule } from './prepare.ts';

/** The routing of one Service port, ready to decide. */
export type CompiledRouting = {
  readonly routing: ServiceRouting;
  readonly revision: string;
  readonly expectation: Expectation;
  /** The Service's own endpoints: for what is not HTTP, and where no route is attached. */
  readonly group: BackendGroup;
  /** For a request that was refused before it could be routed. */
  readonly unrouted: Pick<Decision, 'explanation' | 'metrics'>;
  /** Where a request goes; `random` gives numbers in [0, 1). */
  readonly decide: Decide;
};

type Decide = (request: MatchRequest, random: () => number) => Decision;

/** Compiles a routing, or says why it cannot be used: then the last good one stays. */
export function compileRouting(
  routing: ServiceRouting,
  context: CompileContext,
): { readonly ok: true; readonly compiled: CompiledRouting } | { readonly ok: false; readonly message: string } {
  const group = context.group(routing.endpoints);
  const known = { routing, revision: context.revision, expectation: expectationOf(routing), group };
  if (routing.routes.length === 0) {
    const decision = prepareDefault(routing, group, context);
    return { ok: true, compiled: { ...known, unrouted: decision, decide: () => decision } };
  }
  const routes = compileRoutes(routing.routes);
  if (!routes.ok) return routes;
  const { matcher } = routes;
  const noMatch = prepareNoMatch(routing, context);
  // Rules are prepared when they are first used: most of a large set never are.
  const prepared = new Map<Matched, PreparedRule>();
  const find = (request: MatchRequest): PreparedRule | undefined => {
    const matched = matcher.match(request);
    if (matched === undefined) return undefined;
    let rule = prepared.get(matched);
    if (rule === undefined) prepared.set(matched, (rule = prepareRule(routing, matched, context)));
    return rule;
  };
  const decide: Decide = (request, random) => find(request)?.choose(random) ?? noMatch;
  const hasCors = routing.routes.some(({ rules }) => rules.some(({ filters }) => filters.some(isCors)));
  return {
    ok: true,
    compiled: { ...known, unrouted: noMatch, decide: hasCors ? seePreflights(find, decide) : decide },
  };
}

function isCors({ type }: Filter): boolean {
  return type === 'CORS';
}

/**
 * A preflight belongs to the rule that the request it announces would take, whatever methods its matches name; where that
 * one says nothing of CORS, to the rule that it takes itself. If neither does, it is a request like any other.
 */
function seePreflights(find: (request: MatchRequest) => PreparedRule | undefined, decide: Decide): Decide {
  return (request, random) => {
    const announced = announcedBy(request);
    if (announced === undefined) return decide(request, random);
    return find(announced)?.preflight ?? find(request)?.preflight ?? decide(request, random);
  };
}
