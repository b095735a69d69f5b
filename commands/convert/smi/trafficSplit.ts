import { type Context, ofKind } from '../context.ts';
import type { Reading } from '../reading.ts';
import { type BackendRef, httpRoute, type Match, type ParentRef, type Rule } from '../route.ts';
import { serviceOfHost } from '../services.ts';
import { namespaceOf, type Source } from '../source.ts';
import { readGroup } from './routeGroup.ts';

/** Converts TrafficSplits, with the HTTPRouteGroups that they name. */
export function convertSmi(context: Context): void {
  const groups = new Map(
    ofKind(context, 'specs.smi-spec.io', 'HTTPRouteGroup').map((source) => [
      `${namespaceOf(source)}/${source.name}`,
      { source, read: () => readGroup(source) },
    ]),
  );
  const used = new Set<string>();
  for (const source of ofKind(context, 'split.smi-spec.io', 'TrafficSplit')) {
    const matches = readMatches(source, (name) => {
      const key = `${namespaceOf(source)}/${name}`;
      const group = groups.get(key);
      if (group !== undefined) used.add(key);
      return group?.read();
    });
    convertSplit(context, source, matches);
  }
  for (const [key, { source }] of groups) {
    if (used.has(key)) continue;
    source.tell('note', 'is in no TrafficSplit here: it says nothing by itself');
    source.read.at('spec').whole();
    source.read.at('matches').whole();
  }
}

function convertSplit({ services, made }: Context, source: Source, matches: readonly Match[] | undefined): void {
  const { read, name, namespace, labels } = source;
  const spec = read.at('spec');
  const own = namespaceOf(source);
  const written = spec.at('service');
  const root = serviceOfHost(written.text() ?? '', own);
  if (root === undefined || root.namespace !== own) {
    written.lost('it is no Service of this namespace');
    spec.whole();
    return;
  }
  const backends = readBackends(spec.at('backends'));
  if (backends.length === 0) {
    source.tell('lost', 'has no backends: nothing is made of it');
    return;
  }
  const known = services.find(own, root.name)?.ports ?? [];
  if (known.length === 0)
    written.lost(`port 80 of Service ${own}/${root.name} and its backends is assumed: give the Services as well`);
  const ports = known.length === 0 ? [80] : known.map(({ port }) => port);
  for (const port of ports) {
    const backendRefs = backends.map((backend): BackendRef => ({ name: backend.name, port, weight: backend.weight }));
    const parentRef: ParentRef = { group: '', kind: 'Service', name: root.name, port };
    const rules: readonly Rule[] =
      matches === undefined
        ? [{ backendRefs }]
        : [{ matches, backendRefs }, { backendRefs: [{ name: root.name, port }] }];
    const ofPort = ports.length === 1 ? name : `${name}-${port}`;
    made.push(httpRoute({ name: ofPort, namespace, labels }, { parentRefs: [parentRef], rules }));
  }
}

/** Weights are whole numbers in a route; the quantities of v1alpha1 (`500m`) are all made a thousand times as large. */
function readBackends(read: Reading): readonly { readonly name: string; readonly weight: number }[] {
  const backends = read.items().map((item) => {
    const weight = item.at('weight');
    const written = weight.whole();
    return {
      name: item.at('service').text() ?? '',
      written: typeof written === 'string' ? written : `${Number(written ?? 1)}`,
    };
  });
  const inThousandths = backends.some(({ written }) => written.endsWith('m'));
  return backends.map(({ name, written }) => {
    const amount = Number.parseFloat(written);
    const weight = inThousandths && !written.endsWith('m') ? amount * 1000 : amount;
    return { name, weight: Math.round(weight) };
  });
}

function readMatches(
  source: Source,
  find: (name: string) => readonly Match[] | undefined,
): readonly Match[] | undefined {
  const written = source.read.at('spec').at('matches');
  if (!written.isGiven) return undefined;
  const matches: Match[] = [];
  for (const item of written.items()) {
    item.at('kind').text();
    item.at('apiGroup').text();
    const name = item.at('name').text() ?? '';
    const found = find(name);
    if (found === undefined) item.lost(`give HTTPRouteGroup ${namespaceOf(source)}/${name} as well`);
    else matches.push(...found);
  }
  return matches;
}
