import { forAllPorts } from '../allPorts.ts';
import { type Context, ofKind } from '../context.ts';
import { httpRoute, type ParentRef } from '../route.ts';
import { namespaceOf, type Source } from '../source.ts';
import { nameOnce, readHttp } from './http.ts';
import { findReversed } from './order.ts';
import { readParents } from './parents.ts';
import { Subsets } from './subsets.ts';

/** Converts VirtualServices, with the subsets of DestinationRules that they use. */
export function convertIstio(context: Context): void {
  const subsets = new Subsets(context);
  for (const source of ofKind(context, 'networking.istio.io', 'VirtualService'))
    convertVirtualService(context, subsets, source);
  subsets.finish();
}

function convertVirtualService(context: Context, subsets: Subsets, source: Source): void {
  const spec = source.read.at('spec');
  const destinations = { context, subsets, namespace: namespaceOf(source) };
  const rules = spec
    .at('http')
    .items()
    .flatMap((http) => readHttp(destinations, http));
  spec.at('tls').lost('connections by TLS pass as they are, and no TLSRoute is built');
  spec.at('tcp').lost('connections pass to the Service that was called, and no TCPRoute is built');
  const before = context.made.length;
  tellOrder(source, findReversed(rules.map(({ rule }) => rule)));
  const { services, gateways, hostnames } = readParents(context, source);
  for (const [port, ofPort] of Map.groupBy(rules, (rule) => rule.port)) {
    const named = nameOnce(ofPort.map(({ rule }) => rule));
    const write = (suffix: string, parentRefs: readonly ParentRef[], hosts: readonly string[] = []): void => {
      if (parentRefs.length === 0) return;
      const name = `${source.name}${suffix}${port === undefined ? '' : `-${port}`}`;
      const metadata = { name, namespace: source.namespace, labels: source.labels };
      context.made.push(httpRoute(metadata, { parentRefs, hostnames: hosts, rules: named }));
    };
    const own = namespaceOf(source);
    write(
      '',
      services.flatMap(({ ref, read }) =>
        port === undefined ? forAllPorts(context, ref, own, read) : atPort(ref, port),
      ),
    );
    write(
      services.length > 0 ? '-gateway' : '',
      gateways.map((ref) => atPort(ref, port)),
      hostnames,
    );
  }
  if (context.made.length > before) return;
  const lacks = rules.length === 0 ? 'no rule for HTTP that a route says' : 'no host that is a Service, and no gateway';
  source.tell('lost', `has ${lacks}: nothing is made of it`);
}

function atPort(parent: ParentRef, port: number | undefined): ParentRef {
  return port === undefined ? parent : { ...parent, port };
}

function tellOrder(source: Source, reversed: ReturnType<typeof findReversed>): void {
  if (reversed === undefined) return;
  const { earlier, later } = reversed;
  source.tell(
    'lost',
    `rule ${later} is tried before rule ${earlier} in a route: the more specific match goes first, not the first one`,
  );
}
