import { type Context, ofKind } from '../context.ts';
import type { Reading } from '../reading.ts';
import { gatewayGroup, httpRoute, type ParentRef, type Rule } from '../route.ts';
import { namespaceOf, type Source } from '../source.ts';
import { type Annotations, readAnnotations } from './annotations.ts';
import { readBackend } from './backend.ts';
import { addCanary, type Canary, readCanary } from './canary.ts';
import { matchPath, redirectRoot } from './path.ts';

/** The rules of one host; `host` is empty where every host is meant. */
export type Host = { readonly host: string; readonly rules: Rule[] };
/** An Ingress as it is understood so far. */
export type Converted = { readonly source: Source; readonly annotations: Annotations; readonly hosts: readonly Host[] };

/** Converts every Ingress; those that are canaries of another become weights and matches of its rules. */
export function convertIngresses(context: Context): void {
  const all = ofKind(context, 'networking.k8s.io', 'Ingress').map((source) => {
    const annotations = readAnnotations(source);
    return { source, annotations, hosts: readHosts(context, source, annotations), canary: readCanary(source) };
  });
  const main = all.filter(({ canary }) => canary === undefined);
  for (const { canary, ...converted } of all) if (canary !== undefined) addCanaries({ ...converted, canary }, main);
  for (const converted of main) writeRoutes(context, converted);
}

function addCanaries(own: Converted & { readonly canary: Canary }, main: readonly Converted[]): void {
  for (const { host, rules } of own.hosts) {
    for (const rule of rules) {
      const found = main
        .filter(({ source }) => namespaceOf(source) === namespaceOf(own.source))
        .flatMap(({ hosts }) => hosts.filter((known) => known.host === host));
      if (!found.some((known) => addCanary(known.rules, rule, own.canary)))
        own.source.tell(
          'lost',
          `is a canary of no Ingress here: none has ${host}${rule.matches?.[0]?.path?.value ?? ''}`,
        );
    }
  }
}

function readHosts(context: Context, source: Source, annotations: Annotations): readonly Host[] {
  const spec = source.read.at('spec');
  const hosts: Host[] = [];
  const fallback = spec.at('defaultBackend');
  for (const rule of spec.at('rules').items()) {
    const host = rule.at('host').text() ?? '';
    const rules = rule
      .at('http')
      .at('paths')
      .items()
      .flatMap((path) => readPath(context, { source, annotations, path }));
    if (rules.length === 0) {
      // With a default backend its requests are for that.
      if (!fallback.isGiven) rule.lost('it has no path that is converted: no route is for it');
      continue;
    }
    const known = hosts.find((other) => other.host === host);
    if (known === undefined) hosts.push({ host, rules });
    else known.rules.push(...rules);
  }
  if (fallback.isGiven) {
    const backendRefs = readBackend(context, source, fallback);
    const any = hosts.find(({ host }) => host === '');
    const rule: Rule = { ...annotations.ofRule, ...(backendRefs.length > 0 && { backendRefs }) };
    if (any === undefined) hosts.push({ host: '', rules: [rule] });
    else any.rules.push(rule);
  }
  if (annotations.appRoot !== undefined)
    for (const { rules } of hosts) rules.unshift(redirectRoot(annotations.appRoot));
  return hosts;
}

function readPath(
  context: Context,
  { source, annotations, path }: { readonly source: Source; readonly annotations: Annotations; readonly path: Reading },
): readonly Rule[] {
  const backendRefs = readBackend(context, source, path.at('backend'));
  const matched = matchPath(path, annotations);
  if (matched === undefined) return [];
  const { filters: always = [], ...ofRule } = annotations.ofRule;
  const filters = [...matched.filters, ...always];
  const redirects = filters.some(({ type }) => type === 'RequestRedirect');
  return [
    {
      matches: [matched.match],
      ...(filters.length > 0 && { filters }),
      ...(redirects || backendRefs.length === 0 ? {} : { backendRefs }),
      ...(redirects ? {} : ofRule),
    },
  ];
}

function writeRoutes({ gateway, made }: Context, { source, annotations, hosts }: Converted): void {
  const { read, labels } = source;
  if (hosts.length === 0) {
    source.tell('lost', 'has no path and no defaultBackend: nothing is made of it');
    return;
  }
  const parent = gateway ?? annotations.className ?? 'gateway';
  read.note(
    `its routes stand under Gateway ${namespaceOf(source)}/${parent}, which has to be there: another program's, for Heddle serves Services`,
  );
  const { secure } = annotations;
  const ofTls = tellTls(source);
  // nginx sends those that come without TLS to it, unless it is told not to.
  const redirects = secure ?? ofTls;
  const parentRef = (sectionName?: string): ParentRef => ({
    group: gatewayGroup,
    kind: 'Gateway',
    name: parent,
    ...(sectionName !== undefined && { sectionName }),
  });
  const metadata = (name: string) => ({ name, namespace: source.namespace, labels });
  const groups = Map.groupBy(hosts, ({ rules }) => JSON.stringify(rules))
    .values()
    .toArray();
  for (const group of groups) {
    const [{ host, rules } = { host: '', rules: [] }] = group;
    const hostnames = group.map((one) => one.host).filter((one) => one !== '');
    const name = groups.length === 1 ? source.name : `${source.name}-${slug(host)}`;
    made.push(
      httpRoute(metadata(name), { parentRefs: [parentRef(redirects ? 'https' : undefined)], hostnames, rules }),
    );
    if (!redirects) continue;
    const requestRedirect = { scheme: 'https', statusCode: 308 };
    made.push(
      httpRoute(metadata(`${name}-to-https`), {
        parentRefs: [parentRef('http')],
        hostnames,
        rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect }] }],
      }),
    );
  }
  if (redirects)
    read.note(`Gateway ${parent} needs the listeners http and https by these names, for the redirect to https`);
}

function tellTls({ read }: Source): boolean {
  const tls = read.at('spec').at('tls');
  const names = tls.items().flatMap((item) => [item.at('secretName').text() ?? 'a certificate of its own']);
  tls.lost(`it belongs to a listener of the Gateway (tls.certificateRefs: ${names.join(', ')})`);
  return tls.isGiven;
}

function slug(host: string): string {
  return host === '' ? 'any' : host.replace(/^\*/, 'any').replaceAll('.', '-');
}
