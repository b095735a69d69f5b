import test from 'ava';
import { array, assert, constantFrom, option, property, record } from 'fast-check';
import { stringify } from 'yaml';
import { parseFile } from '../../../agent/files/parse.ts';
import { convert } from '../../../commands/convert/convert.ts';
import { compileRoutes } from '../../../routing/match/compile.ts';
import { translateAll } from '../../agent/translate/whole.ts';

// Istio takes the first rule that matches, a route the most specific one. Where nothing is said of the order, a request
// must get the same backend from both: here from a reading of the VirtualService, and from the engine's matcher.

type Match = {
  readonly uri?: { readonly exact?: string; readonly prefix?: string };
  readonly headers?: Readonly<Record<string, { readonly exact: string }>>;
  readonly method?: { readonly exact: string };
  readonly queryParams?: Readonly<Record<string, { readonly exact: string }>>;
};
type Http = { readonly match?: readonly Match[]; readonly route: readonly unknown[] };

const exactly = (...values: string[]) => constantFrom(...values.map((exact) => ({ exact })));
const some = <Value>(values: Parameters<typeof option<Value>>[0]) => option(values, { nil: undefined, freq: 2 });
const matches = record({
  uri: some(constantFrom({ exact: '/a' }, { exact: '/a/b' }, { prefix: '/' }, { prefix: '/a' }, { prefix: '/a/b' })),
  headers: some(record({ x: exactly('1', '2') })),
  method: some(exactly('GET', 'POST')),
  queryParams: some(record({ v: exactly('1', '2') })),
});
const rules = array(some(array(matches, { minLength: 1, maxLength: 2 })), { minLength: 1, maxLength: 4 });

const requests = ['/', '/a', '/a/b', '/a/b/c', '/c'].flatMap((path) =>
  ['GET', 'POST'].flatMap((method) =>
    ['1', '2', undefined].flatMap((x) => ['1', '2', undefined].map((v) => ({ path, method, x, v }))),
  ),
);
type Request = (typeof requests)[number];

test('where nothing is said of the order, each request gets the backend that Istio would give it', (t) => {
  let silent = 0;
  let told = 0;
  assert(
    property(rules, (written) => {
      const http = written.map((match, index): Http => {
        const route = [{ destination: { host: `b${index}`, port: { number: 80 } } }];
        return match === undefined ? { route } : { match: match as readonly Match[], route };
      });
      const { made, remarks } = convert([virtualService(http)]);
      if (remarks.some(({ message }) => message.includes('is tried before'))) {
        told += 1;
        return;
      }
      silent += 1;
      const ask = backendOf(made);
      for (const request of requests) t.is(ask(request), firstOf(http, request), JSON.stringify({ http, request }));
    }),
    { numRuns: Number(process.env['HEDDLE_FUZZ_RUNS'] ?? 400) },
  );
  t.true(silent > 50 && told > 50, `${silent} without a word, ${told} with one`);
});

function virtualService(http: readonly Http[]): unknown {
  const metadata = { name: 'web', namespace: 'shop' };
  return { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata, spec: { hosts: ['web'], http } };
}

/** What Istio does, by its documentation. */
function firstOf(http: readonly Http[], request: Request): string | undefined {
  const index = http.findIndex(({ match }) => match === undefined || match.some((one) => takes(one, request)));
  return index === -1 ? undefined : `b${index}`;
}

function takes({ uri, headers, method, queryParams }: Match, request: Request): boolean {
  return (
    (uri?.exact === undefined || uri.exact === request.path) &&
    (uri?.prefix === undefined || request.path.startsWith(uri.prefix)) &&
    (headers?.['x'] === undefined || headers['x'].exact === request.x) &&
    (method === undefined || method.exact === request.method) &&
    (queryParams?.['v'] === undefined || queryParams['v'].exact === request.v)
  );
}

/** What a sidecar does with the converted routes. */
function backendOf(made: readonly unknown[]): (request: Request) => string | undefined {
  const services = ['web', 'b0', 'b1', 'b2', 'b3'].map((name, index) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { clusterIP: `10.96.0.${index + 1}`, ports: [{ port: 80 }] },
  }));
  const parsed = parseFile([...made, ...services].map((object) => stringify(object)).join('---\n'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { routings } = translateAll(parsed.objects.map(({ object }) => object));
  const own = routings.find(({ destination }) => destination.startsWith('10.96.0.1:'));
  const compiled = compileRoutes(own?.routing.routes ?? []);
  if (!compiled.ok) throw new Error(compiled.message);
  return ({ path, method, x, v }) =>
    compiled.matcher.match({
      path,
      method,
      query: v === undefined ? '' : `v=${v}`,
      headers: { get: (name) => (name === 'x' ? x : undefined) },
    })?.rule.backends[0]?.name;
}
