import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { http2Refusals } from '../../../proxy/http2/refusals.ts';
import { answersTable, isReason } from '../../e2e/answersTable.ts';
import { matchSample, routeSample, rpc } from '../../routing/samples.ts';
import { type Backend, startBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar, type SidecarOptions } from '../harness.ts';
import { connect, type Peer } from '../peer.ts';
import { connectHttp2 } from './clients.ts';
import {
  both,
  connectRaw,
  emptySettings,
  endHeaders,
  frame,
  goawayBehind,
  headers,
  literal,
  okBlock,
  ping,
  postBlock,
  rstStream,
  seesFrame,
  settings,
  uint32,
} from './raw.ts';
import { got, startRaw } from './rawServer.ts';
import { connectTunnels, openTunnel, routeTo, startHttp1Tunnels, switchTo } from './tunnelling.ts';
import { requestVectors } from './vectors/requests.ts';

const table = answersTable('HTTP/2, gRPC, upgrades');

test('docs/answers.md has a row for every refusal of HTTP/2', (t) => {
  for (const { status, flag, message } of Object.values(http2Refusals)) {
    // What is wrong with a response stands behind a reason of its own.
    if (status === 502) continue;
    const rows = table.filter(({ keys }) => keys.includes(`${status} ${flag}`));
    t.true(
      rows.some(({ reasons }) => reasons.some((reason) => isReason(reason, message))),
      `no row has ${status} ${flag}: ${message}`,
    );
  }
});

/** A way to bring lines about, in the log of the sidecar that it gives back. */
type Way = (t: ExecutionContext) => Promise<Sidecar>;

const silent = (): undefined => undefined;
const call = { ':method': 'POST', ':path': '/shop.Cart/Add', te: 'trailers', 'content-type': 'application/grpc' };

/** A client of HTTP/2 of the Service `shop/cart`, whose endpoints are these. */
async function meet(t: ExecutionContext, backends: readonly Backend[], options: SidecarOptions = {}) {
  const sidecar = setUp(t, options);
  const endpoints = backends.map(({ port }) => readyEndpoint(port));
  const route = routeSample([[matchSample({ path: rpc('Exact', 'shop.Order') })]], { kind: 'GRPCRoute' });
  const routes = backends.length === 0 ? [route] : [];
  sidecar.apply(routingSample({ protocol: 'http2', routes }), endpointsOf('cart', ...endpoints));
  const session = await connectHttp2(t, await sidecar.service());
  return { sidecar, session };
}

/** A request to a server that does that with it. */
const served =
  (
    onRequest: (peer: Peer, id: number) => void,
    fields: object = { ':method': 'POST' },
    options?: SidecarOptions,
  ): Way =>
  async (t) => {
    const { sidecar, session } = await meet(t, [await startRaw(t, onRequest)], options);
    const stream = session.request(fields as Record<string, string>);
    stream.on('error', silent);
    stream.end('x');
    return sidecar;
  };

/** A request to a server that begins like that, or closes. */
const greeted =
  (hello: string): Way =>
  async (t) => {
    const backend = await startBackend(t, (peer) => (hello === '' ? peer.end() : peer.write(hello)));
    const { sidecar, session } = await meet(t, [backend]);
    session.request({ ':method': 'POST' }).on('error', silent).end('x');
    return sidecar;
  };

/** A request of HTTP/1.1 that is answered so once its head is there. */
const answered =
  (request: string, reply: string): Way =>
  async (t) => {
    const backend = await startBackend(t, (peer) => void peer.sees('\r\n\r\n').then(() => peer.write(reply)));
    const sidecar = setUp(t);
    const peer = await connect(await sidecar.straight(backend.port));
    t.teardown(() => peer.socket.destroy());
    peer.write(request);
    return sidecar;
  };

/** Bytes of a client of HTTP/2, whose server says nothing. */
const sent =
  (bytes: Buffer): Way =>
  async (t) => {
    const sidecar = setUp(t);
    const peer = await connectRaw(t, await sidecar.straight((await startRaw(t, silent)).port));
    await seesFrame(peer, ({ type }) => type === settings);
    peer.write(bytes);
    return sidecar;
  };

/** A WebSocket of HTTP/2 that an endpoint of HTTP/1.1 answers so. */
const tunnelled =
  (answer: () => string): Way =>
  async (t) => {
    const { sidecar, port } = await routeTo(t, 'http1', (await startHttp1Tunnels(t, answer)).port);
    openTunnel(await connectTunnels(t, port));
    return sidecar;
  };

const refusedHeads = Object.keys(http2Refusals).flatMap((name): Way[] => {
  const vectors = Object.values(requestVectors).flat();
  const found = vectors.find(({ verdict }) => 'refused' in verdict && verdict.refused === name);
  if (found === undefined) return [];
  const block = Buffer.concat(found.fields.map(([field, value]) => literal(field, value)));
  return [sent(frame(headers, found.body === 'none' ? both : endHeaders, 1, block))];
});

const get = 'GET / HTTP/1.1\r\nHost: a\r\n';
const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n';
const upgrading = 'Connection: upgrade\r\nUpgrade: chat\r\n';

const ways: readonly Way[] = [
  ...refusedHeads,
  sent(
    Buffer.concat([
      frame(headers, endHeaders, 1, postBlock),
      ...Array<Buffer>(5000).fill(frame(ping, 0, 0, '12345678')),
    ]),
  ),
  async (t) => {
    const { sidecar, session } = await meet(t, []);
    session.request(call).on('error', silent).end();
    return sidecar;
  },
  served(silent, { ...call, 'grpc-timeout': '50m' }),
  async (t) => {
    const backend = await startRaw(t, silent);
    const { sidecar, session } = await meet(t, [backend]);
    const stream = session.request({ ':method': 'POST' }).on('error', silent);
    const peer = await backend.peer(0);
    await peer.until(() => got(peer).some(({ type }) => type === headers));
    stream.close(8);
    await once(stream, 'close');
    return sidecar;
  },
  served((peer, id) => peer.write(frame(rstStream, 0, id, uint32(2)))),
  served((peer, id) => {
    peer.write(frame(headers, endHeaders, id, okBlock));
    peer.write(frame(rstStream, 0, id, uint32(2)));
  }),
  served((peer) => peer.write(goawayBehind(0))),
  async (t) => {
    const backend = await startBackend(t, (peer) => peer.write(emptySettings));
    const pings = { afterMs: 50, withinMs: 50, againMs: 60_000 };
    const { sidecar, session } = await meet(t, [backend], { pings });
    session.request({ ':method': 'POST' }).on('error', silent).end('x');
    return sidecar;
  },
  async (t) => {
    // Nothing more is said, not even to a PING.
    const backend = await startBackend(t, (peer) => {
      peer.write(emptySettings);
      peer.socket.once('data', () => peer.write(frame(headers, endHeaders, 1, okBlock)));
    });
    const pings = { afterMs: 50, withinMs: 50, againMs: 60_000 };
    const { sidecar, session } = await meet(t, [backend], { pings });
    session.request({ ':method': 'POST' }).on('error', silent).end('x');
    return sidecar;
  },
  tunnelled(() => switchTo('')),
  tunnelled(() => 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  greeted('HTTP/1.1 400 Bad Request\r\n\r\n'),
  greeted(''),
  answered(`${get}\r\n`, `${switched}Upgrade: chat\r\n\r\n`),
  answered(`${get}${upgrading}\r\n`, `${switched}\r\n`),
  answered(`${get}${upgrading}\r\n`, `${switched}Upgrade: other\r\n\r\n`),
  answered(`${get}${upgrading}Content-Length: 9\r\n\r\nhalf`, `${switched}Upgrade: chat\r\n\r\n`),
  answered(`${get}\r\n`, 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(17)),
];

test('every row of docs/answers.md on HTTP/2, gRPC and upgrades is what a sidecar says', async (t) => {
  const produced = new Set<string>();
  for (const way of ways) {
    const [line] = await (await way(t)).logged(1);
    const key = `${line?.['status']} ${line?.['flags']}`;
    const said = String(line?.['reason']);
    const rows = table.filter(({ keys }) => keys.includes(key));
    const reason = rows.flatMap(({ reasons }) => reasons).find((one) => isReason(one, said));
    if (reason === undefined) t.fail(`${key} ${said} is not in docs/answers.md`);
    produced.add(`${key} ${reason}`);
  }
  const rows = table.flatMap(({ keys, reasons }) => keys.flatMap((key) => reasons.map((reason) => `${key} ${reason}`)));
  t.true(rows.length > 20);
  t.deepEqual(
    rows.filter((row) => !produced.has(row)),
    [],
  );
});
