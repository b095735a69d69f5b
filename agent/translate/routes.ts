import { endpointsName, type Route, type Rule } from '../../routing/model.ts';
import type { HTTPRoute, ReferenceGrant, Service } from '../objects/types.ts';
import { type BackendContext, resolveBackend } from './backends.ts';
import { type TranslatedRules, translateRules, type UnresolvedRule } from './httpRoute/rules.ts';
import { Memo } from './memo.ts';
import { translateParentStatus } from './parentStatus.ts';
import { isServiceParent, type Parent, referredName, resolveParent } from './parents.ts';
import type { ParentStatus, Problem, RouteStatus } from './result.ts';

/** What follows from one HTTPRoute: where it attaches, its status, and what else a user should know. */
export type TranslatedRoute = {
  readonly attachments: readonly Attachment[];
  readonly status: RouteStatus;
  readonly problems: readonly Problem[];
};

/** A route at one port of a Service, `namespace/service:port`; a producer's stands in the Service's namespace. */
export type Attachment = { readonly port: string; readonly isProducer: boolean; readonly route: Route };

export type RouteContext = {
  readonly services: ReadonlyMap<string, Service>;
  readonly grants: readonly ReferenceGrant[];
};

/** Returns the translation of routes, which looks again only at those whose route, Services or grants changed. */
export function createRouteTranslation(): (route: HTTPRoute, context: RouteContext) => TranslatedRoute {
  const rules = new Memo<TranslatedRules>();
  const routes = new Memo<TranslatedRoute>();
  const referred = new Memo<readonly string[]>();
  // Most often no Service and no grant changed at all: one look-up per route then.
  let latest = new WeakMap<HTTPRoute, TranslatedRoute>();
  let latestContext: RouteContext | undefined;
  return (route, context) => {
    if (context !== latestContext) latest = new WeakMap();
    latestContext = context;
    const known = latest.get(route);
    if (known !== undefined) return known;
    const names = referred.get(route, '', [], () => referredServices(route));
    const services = names.map((name) => context.services.get(name));
    const translated = routes.get(route, '', [context.grants, ...services], () =>
      translateRoute(
        route,
        rules.get(route, '', [], () => translateRules(route)),
        context,
      ),
    );
    latest.set(route, translated);
    return translated;
  };
}

/** Whether it refers to backends of another namespace, which is a ReferenceGrant's to allow. */
export function crossesNamespaces({ meta, rules }: HTTPRoute): boolean {
  return rules.some(({ backendRefs }) =>
    backendRefs.some(({ namespace = meta.namespace }) => namespace !== meta.namespace),
  );
}

/** `namespace/name` of all that it refers to, each once: Services, or what is no Service. */
export function referredServices(route: HTTPRoute): readonly string[] {
  const refs = [...route.parentRefs, ...route.rules.flatMap((rule) => rule.backendRefs)];
  return [...new Set(refs.map((ref) => referredName(route, ref)))];
}

function translateRoute(route: HTTPRoute, translated: TranslatedRules, context: RouteContext): TranslatedRoute {
  const object = `HTTPRoute ${route.meta.namespace}/${route.meta.name}`;
  const problems: Problem[] = [];
  const parents: ParentStatus[] = [];
  const attachments = new Map<string, Attachment>();
  for (const parentRef of route.parentRefs) {
    if (!isServiceParent(parentRef)) {
      if (parentRef.kind === 'Service') problems.push({ object, message: forgottenGroup });
      continue;
    }
    const parent = resolveParent(route, parentRef, context.services);
    const own = resolveRules(route, translated.rules, { ...context, route, parent: referredName(route, parentRef) });
    const backends = own.rules.flatMap((rule) => rule.backends);
    parents.push(translateParentStatus(route, { parentRef, parent, rejections: translated.rejections, backends }));
    for (const attachment of attach(parent, own)) attachments.set(attachment.port, attachment);
    if (parent.ok) problems.push(...parent.notes.map((message) => ({ object, message })));
  }
  if (parents.length > 0)
    problems.push(...translated.dropped.map((match) => ({ object, message: `${match}; it never matches` })));
  const { namespace, name, uid } = route.meta;
  return {
    attachments: [...attachments.values()],
    status: { kind: 'HTTPRoute', namespace, name, uid, parents },
    problems,
  };
}

const forgottenGroup = 'a parentRef has kind: Service without group; write group: "", or it means another kind';

function attach(parent: Parent, route: Route): readonly Attachment[] {
  if (!parent.ok) return [];
  const { meta } = parent.service;
  const isProducer = meta.namespace === route.namespace;
  return parent.ports.map((port) => ({ port: endpointsName(meta, port), isProducer, route }));
}

function resolveRules(route: HTTPRoute, rules: readonly UnresolvedRule[], context: BackendContext): Route {
  const { namespace, name, createdAtMs } = route.meta;
  return { kind: 'HTTPRoute', namespace, name, createdAtMs, rules: rules.map((rule) => resolveRule(rule, context)) };
}

function resolveRule(rule: UnresolvedRule, context: BackendContext): Rule {
  return {
    index: rule.index,
    ...(rule.name !== undefined && { name: rule.name }),
    matches: rule.matches,
    filters: rule.filters,
    backends: rule.backendRefs.map(({ ref, filters }) => resolveBackend(ref, filters, context)),
  };
}
