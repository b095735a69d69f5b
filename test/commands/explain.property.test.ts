import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { Resources } from '../../agent/discovery/resources.ts';
import { decodeObject } from '../../agent/objects/decode.ts';
import type { KubernetesObject } from '../../agent/objects/types.ts';
import { Store } from '../../agent/store.ts';
import { Translation } from '../../agent/translate/translate.ts';
import { type Explained, explain } from '../../commands/explain/explain.ts';
import type { Forwarded, Outcome } from '../../commands/explain/outcome.ts';
import { translateObjects } from '../../commands/mesh/mesh.ts';
import { findPort } from '../../commands/request/findPort.ts';
import { parseRequest } from '../../commands/request/parseRequest.ts';
import { decodeEndpoints, decodeServiceRouting } from '../../routing/wire/decode.ts';
import { endpointsTypeUrl, serviceRoutingTypeUrl } from '../../routing/wire/typeUrls.ts';
import { type Entry, Sidecar } from '../proxy/harness.ts';
import { type Raw, type RawRequest, request, routes, services } from './arbitraries.ts';

/** In CI a twentieth of what `HEDDLE_EXPLAIN_MESHES=400` does. */
const meshes = Number(process.env['HEDDLE_EXPLAIN_MESHES'] ?? 20);
const requestsEach = 50;

type Seen = {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly entry: Entry;
  readonly echo: Echo | undefined;
};
type Echo = { readonly server: string; readonly url: string; readonly headers: http.IncomingHttpHeaders };

test(`What explain says is what a sidecar does, ${meshes * requestsEach} requests`, async (t) => {
  const servers = new Map(
    await Promise.all(
      ['cart', 'v1', 'v2', 'pay', 'down', 'tls'].map(async (name) => [name, await startEcho(t, name)] as const),
    ),
  );
  const base = services((name) => servers.get(name) ?? 0);
  const seed = 20_261_128;
  const kinds = { forwarded: 0, redirected: 0, refused: 0, shared: 0, behind: 0 };
  for (const [index, given] of fc.sample(routes, { numRuns: meshes, seed }).entries()) {
    const asked = fc.sample(request, { numRuns: requestsEach, seed: seed + index });
    const objects = [...base, ...given].map(decode);
    const mesh = translateObjects(objects, new Set());
    for (const from of ['shop', 'bank', 'other'] as const) {
      const draw = { random: 0 };
      const real = new RealSidecar(objects, from, draw);
      try {
        const port = await real.sidecar.service();
        for (const one of asked.filter((candidate) => candidate.from === from)) {
          draw.random = one.random;
          const words = parseRequest(
            [one.method, `http://cart.shop${one.target}`],
            Object.entries(one.headers).map((pair) => pair.join(': ')),
          );
          const found = findPort(mesh, { host: words.host, port: words.port, namespace: undefined });
          const explained = explain(mesh, { namespace: from, place: {} }, words, found);
          const seen = await real.ask(port, one);
          const problem = findDifference(explained, one, seen);
          if (problem !== undefined)
            return t.fail(`${problem}\n${JSON.stringify({ given, one, explained, seen }, undefined, 1)}`);
          count(kinds, explained);
        }
      } finally {
        real.sidecar.close();
      }
    }
  }
  // Nothing that a random route can do was missed.
  for (const [kind, often] of Object.entries(kinds)) t.true(often > meshes, `${kind}: ${often}`);
  return t.pass();
});

function count(
  kinds: Record<'forwarded' | 'redirected' | 'refused' | 'shared' | 'behind', number>,
  { outcomes, matches }: Explained,
): void {
  const [first] = outcomes;
  if (first?.type === 'Forwarded') kinds.forwarded += 1;
  else if (first?.location !== undefined) kinds.redirected += 1;
  else kinds.refused += 1;
  if (outcomes.length > 1) kinds.shared += 1;
  if (matches.some(({ result }) => result === 'Behind')) kinds.behind += 1;
}

/** The outcome that is drawn, in the order of the backends. */
function drawn(outcomes: readonly Outcome[], random: number): Outcome | undefined {
  let sum = 0;
  return outcomes.find(({ share }) => random < (sum += share) - 1e-9) ?? outcomes.at(-1);
}

function findDifference(
  { outcomes, matches }: Explained,
  { random, headers }: RawRequest,
  seen: Seen,
): string | undefined {
  const outcome = drawn(outcomes, random);
  if (outcome === undefined) return 'nothing was explained';
  const { entry, echo } = seen;
  for (const field of ['route', 'rule', 'ruleName', 'matched', 'backend'] as const)
    if (entry[field] !== outcome.decidedBy[field]) return `${field} is ${String(entry[field])}`;
  const taken = matches.filter(({ result }) => result === 'Taken');
  if (taken.length !== (entry['route'] === undefined ? 0 : 1)) return `${taken.length} matches are taken`;
  if (entry['cors'] !== (outcome.type === 'Answered' ? outcome.cors : outcome.response.cors))
    return `cors is ${String(entry['cors'])}`;
  if (outcome.type === 'Forwarded')
    return echo === undefined ? 'no endpoint got it' : findForwarding(outcome, headers, seen, echo);
  if (echo !== undefined) return 'an endpoint got it';
  if (seen.status !== outcome.status) return `status is ${seen.status}`;
  if (entry['flags'] !== outcome.flag || entry['reason'] !== outcome.reason)
    return `flags are ${String(entry['flags'])}`;
  if (seen.headers.location !== outcome.location) return `location is ${String(seen.headers.location)}`;
  const wrong = outcome.headers.find(({ name }) => seen.headers[name] === undefined);
  return wrong && `the answer has no ${wrong.name}`;
}

function findForwarding(outcome: Forwarded, sent: RawRequest['headers'], seen: Seen, echo: Echo): string | undefined {
  if (echo.server !== /\/(\w+):/.exec(outcome.decidedBy.backend ?? '')?.[1]) return `${echo.server} got it`;
  if (echo.url !== outcome.path) return `its path is ${echo.url}`;
  if (echo.headers.host !== outcome.host) return `its host is ${String(echo.headers.host)}`;
  const expected = new Map(Object.entries(sent));
  for (const { name, after } of outcome.headers) {
    if (after === undefined) expected.delete(name);
    else expected.set(name, after);
  }
  const framing = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);
  const got = Object.entries(echo.headers).filter(([name]) => !framing.has(name));
  if (printPairs(got.map(([name, value]) => [name, utf8(String(value))])) !== printPairs(expected))
    return `its headers are ${printPairs(got)}`;
  if (seen.status !== 200) return `status is ${seen.status}`;
  const { set, add, remove } = outcome.response;
  const lost = [...set, ...add].find(({ name }) => seen.headers[name] === undefined && !remove.includes(name));
  if (lost !== undefined) return `the answer has no ${lost.name}`;
  const missing = outcome.mirrors.find(({ backend }) => !String(seen.entry['mirrors']).includes(backend));
  return missing && `mirrors are ${String(seen.entry['mirrors'])}`;
}

function printPairs(pairs: Iterable<readonly [string, unknown]>): string {
  return Array.from(pairs, ([name, value]) => `${name}: ${String(value).replaceAll(', ', ',')}`)
    .toSorted()
    .join('\n');
}

/** Node gives header values as latin1 text. */
function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

function decode(raw: Raw): KubernetesObject {
  const decoded = decodeObject(raw);
  if (!decoded.ok || !('object' in decoded)) throw new Error(JSON.stringify(decoded));
  return decoded.object;
}

/** A server that answers with what it was asked, and a sign of its own. */
async function startEcho(t: ExecutionContext, name: string): Promise<number> {
  const server = http.createServer((asked, answer) => {
    answer.setHeader('x-server', name);
    answer.end(JSON.stringify({ server: name, url: asked.url, headers: asked.headers }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function usable<T>(
  decoded: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string },
): T {
  if (!decoded.ok) throw new Error(decoded.message);
  return decoded.value;
}

/** A sidecar with what an agent would send it, over the wire's codec. */
class RealSidecar {
  readonly sidecar: Sidecar;
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  constructor(objects: readonly KubernetesObject[], namespace: string, draw: { readonly random: number }) {
    const store = new Store();
    for (const object of objects) store.apply({ type: 'applied', object });
    const resources = new Resources();
    resources.update(new Translation().update(store.objects, store.takeChanged()), true);
    const client = { namespace, pod: 'p', addresses: [] };
    const valueOf = (type: string, name: string): Uint8Array =>
      resources.lookup(type, name, client)?.content.value() ?? new Uint8Array();
    this.sidecar = new Sidecar({ random: () => draw.random });
    const problem = this.sidecar.apply(usable(decodeServiceRouting(valueOf(serviceRoutingTypeUrl, '10.96.0.10:80'))));
    if (problem !== undefined) throw new Error(problem);
    for (const wanted of this.sidecar.interest.filter((one) => one.startsWith('+endpoints ')))
      this.sidecar.table.applyEndpoints(
        usable(decodeEndpoints(valueOf(endpointsTypeUrl, wanted.slice('+endpoints '.length)))),
      );
  }

  async ask(port: number, { method, target, headers }: RawRequest): Promise<Seen> {
    const lines = this.sidecar.entries.length;
    const sent = http.request({
      port,
      host: '127.0.0.1',
      method,
      path: target,
      headers: { host: 'cart.shop', ...headers },
      agent: this.agent,
    });
    sent.end();
    const [answer] = (await once(sent, 'response')) as [http.IncomingMessage];
    const body = await text(answer);
    const entry = (await this.sidecar.logged(lines + 1))[lines] ?? {};
    const echo = body.startsWith('{') ? (JSON.parse(body) as Echo) : undefined;
    return { status: answer.statusCode ?? 0, headers: answer.headers, entry, echo };
  }
}
