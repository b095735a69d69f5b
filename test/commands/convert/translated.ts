import { stringify } from 'yaml';
import { parseFile } from '../../../agent/files/parse.ts';
import type { BackendRef, Filter, Made, ParentRef, Rule } from '../../../commands/convert/route.ts';
import { translateAll } from '../../agent/translate/whole.ts';

type Spec = { readonly parentRefs: readonly ParentRef[]; readonly rules: readonly Rule[] };
type Metadata = { readonly name: string; readonly namespace?: string | undefined };

/**
 * What the agent's translation finds fault with in converted objects, beside the Services of the input and a Service for
 * each that is named and not there. A route of a Gateway is put under a Service of that name, which the agent can judge.
 */
export function faultsOf(made: readonly Made[], input: readonly unknown[]): readonly string[] {
  const routes = made.filter(({ kind }) => kind === 'HTTPRoute').map((route) => underService(route));
  const given = [...input, ...made].filter((value) => isService(value)) as readonly Made[];
  const others = made.filter(({ kind }) => kind !== 'HTTPRoute' && kind !== 'Service');
  const known = new Map(given.map((service, index) => [keyOf(service.metadata), withAddress(service, index + 1)]));
  for (const { metadata, spec } of routes) {
    for (const ref of namedBy(spec as Spec)) {
      const named = { name: ref.name, namespace: ref.namespace ?? metadata.namespace };
      if (!known.has(keyOf(named))) known.set(keyOf(named), standIn(named, ref.port ?? 80, known.size + 1));
    }
  }
  const text = [...routes, ...others, ...known.values()].map((object) => stringify(object)).join('---\n');
  const parsed = parseFile(text);
  if (!parsed.ok) return parsed.problems.map(({ message }) => message);
  const { statuses, problems } = translateAll(parsed.objects.map(({ object }) => object));
  const conditions = statuses.flatMap(({ namespace, name, parents }) =>
    parents.flatMap((parent) =>
      parent.conditions
        .filter(({ type, status, message }) => isFault(type, status, message))
        .map(({ type, status, reason, message }) => `${namespace}/${name}: ${type}=${status} ${reason}: ${message}`),
    ),
  );
  return [...new Set([...conditions, ...problems.map(({ object, message }) => `${object}: ${message}`)])];
}

/** `PartiallyInvalid=True` is a fault, the others are when they are not True, or have more to say. */
function isFault(type: string, status: boolean, message: string): boolean {
  if (type === 'PartiallyInvalid') return status;
  return !status || !/^(?:Route is accepted|All references are resolved)$/.test(message);
}

function underService(route: Made): Made {
  const { parentRefs, ...spec } = route.spec as Spec;
  const parents = parentRefs.map((parent) =>
    parent.kind === 'Service'
      ? parent
      : { group: '', kind: 'Service', name: `gateway-${parent.name}-${route.metadata.name}`.slice(0, 63) },
  );
  const isOfGateway = parentRefs.some(({ kind }) => kind === 'Gateway');
  return { ...route, spec: { ...spec, parentRefs: parents, ...(isOfGateway && { hostnames: undefined }) } };
}

type Named = Metadata & { readonly port?: number | undefined };

function namedBy({ parentRefs, rules }: Spec): readonly Named[] {
  const backends = rules.flatMap(({ backendRefs = [], filters }) => [
    ...backendRefs,
    ...mirrors(filters),
    ...backendRefs.flatMap((ref) => mirrors(ref.filters)),
  ]);
  return [...backends, ...parentRefs];
}

function mirrors(filters: readonly Filter[] = []): readonly BackendRef[] {
  return filters.flatMap((filter) => (filter.type === 'RequestMirror' ? [filter.requestMirror.backendRef] : []));
}

function isService(value: unknown): boolean {
  return (value as { readonly kind?: unknown }).kind === 'Service';
}

function keyOf({ namespace, name }: Metadata): string {
  return `${namespace ?? 'default'}/${name}`;
}

function withAddress(service: Made, index: number): Made {
  return { ...service, spec: { ...service.spec, clusterIP: `10.96.1.${index}` } };
}

function standIn(metadata: Metadata, port: number, index: number): Made {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata },
    spec: { clusterIP: `10.96.1.${index}`, ports: [{ port }] },
  };
}
