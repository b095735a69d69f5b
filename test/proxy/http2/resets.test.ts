import test, { type ExecutionContext } from 'ava';
import { backendSample, matchSample, routeSample } from '../../routing/samples.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { connect } from '../peer.ts';
import { askHttp2 } from './clients.ts';
import {
  both,
  codeOf,
  connectRaw,
  data,
  endHeaders,
  frame,
  getBlock,
  headers,
  okBlock,
  rstStream,
  seesFrame,
  uint32,
} from './raw.ts';
import { got, setUpService, startRaw } from './rawServer.ts';

const call = { ':method': 'POST', te: 'trailers', 'content-type': 'application/grpc' };

for (const { code, status } of [
  { code: 1, status: '13' },
  { code: 2, status: '13' },
  { code: 5, status: '14' },
  { code: 7, status: '14' },
  { code: 8, status: '1' },
  { code: 11, status: '8' },
  { code: 77, status: '14' },
])
  test(`An RPC whose stream a server resets with the code ${code} ends with the status ${status}`, async (t) => {
    let requests = 0;
    const backend = await startRaw(t, (peer, id) => {
      if (requests++ === 0) {
        peer.write(frame(headers, endHeaders, id, okBlock));
        peer.write(frame(data, 0, id, 'half'));
      }
      peer.write(frame(rstStream, 0, id, uint32(code)));
    });
    const { sidecar, session } = await setUpService(t, [backend]);
    const within = await askHttp2(session, call, 'x');
    t.is((within.trailers ?? within.headers)['grpc-status'], status);
    t.like(await askHttp2(session, call, 'x'), { headers: { 'grpc-status': status } });
    t.true((await sidecar.logged(2)).every(({ flags }) => flags === 'UC'));
    session.close();
    t.deepEqual(await sidecar.leftovers(), []);
  });

for (const { code, told } of [
  // Half a response is none that is complete, nor one that was never begun.
  { code: 0, told: 'INTERNAL_ERROR' },
  { code: 1, told: 'INTERNAL_ERROR' },
  { code: 2, told: 'INTERNAL_ERROR' },
  { code: 7, told: 'INTERNAL_ERROR' },
  { code: 8, told: 'CANCEL' },
  { code: 11, told: 'ENHANCE_YOUR_CALM' },
  { code: 13, told: 'INTERNAL_ERROR' },
  { code: 77, told: 'INTERNAL_ERROR' },
] as const)
  test(`A stream that a server resets within its response with the code ${code} is reset with ${told}`, async (t) => {
    const backend = await startRaw(t, (peer, id) => {
      peer.write(frame(headers, endHeaders, id, okBlock));
      peer.write(frame(data, 0, id, 'half'));
      peer.write(frame(rstStream, 0, id, uint32(code)));
    });
    const sidecar = setUp(t);
    const client = await connectRaw(t, await sidecar.straight(backend.port));
    client.write(frame(headers, both, 1, getBlock));
    t.is(codeOf(await seesFrame(client, ({ type }) => type === rstStream)), told);
    t.like((await sidecar.logged(1))[0], { status: 200, flags: 'UC' });
    client.end();
    t.deepEqual(await sidecar.leftovers(), []);
  });

for (const { code, told } of [
  { code: 0, told: 'CANCEL' },
  { code: 2, told: 'INTERNAL_ERROR' },
  { code: 7, told: 'CANCEL' },
  { code: 8, told: 'CANCEL' },
  { code: 11, told: 'ENHANCE_YOUR_CALM' },
  { code: 77, told: 'CANCEL' },
] as const)
  for (const when of ['before', 'within'])
    test(`A stream that a client resets ${when} its response with the code ${code} is reset with ${told}`, async (t) => {
      const backend = await startRaw(t, (peer, id) => {
        if (when === 'within') peer.write(frame(headers, endHeaders, id, okBlock));
      });
      const sidecar = setUp(t);
      const client = await connectRaw(t, await sidecar.straight(backend.port));
      client.write(frame(headers, both, 1, getBlock));
      const server = await backend.peer(0);
      await server.until(() => got(server).some(({ type }) => type === headers));
      if (when === 'within') await seesFrame(client, ({ type }) => type === headers);
      client.write(frame(rstStream, 0, 1, uint32(code)));
      await server.until(() => got(server).some(({ type }) => type === rstStream));
      t.deepEqual(
        got(server)
          .filter(({ type }) => type === rstStream)
          .map(codeOf),
        [told],
      );
      t.like((await sidecar.logged(1))[0], { flags: 'DC' });
      client.end();
      t.deepEqual(await sidecar.leftovers(), []);
    });

/** A Service whose requests all go to a server of HTTP/2. */
async function setUpRoute(t: ExecutionContext, server: number) {
  const sidecar = setUp(t);
  const target = { type: 'Endpoints', endpoints: 'shop/cart:80', protocol: 'http2' } as const;
  const rule = { index: 0, matches: [matchSample()], filters: [], backends: [backendSample({ target })] };
  const routing = routingSample({ routes: [routeSample([], { rules: [rule] })] });
  sidecar.apply(routing, endpointsOf('cart', readyEndpoint(server)));
  return { sidecar, port: await sidecar.service() };
}

test('A client that goes without a word, and one of HTTP/1.1, cancel what they have asked for', async (t) => {
  const backend = await startRaw(t, () => undefined);
  const { sidecar, port } = await setUpRoute(t, backend.port);
  const client = await connectRaw(t, port);
  client.write(frame(headers, both, 1, getBlock));
  const old = await connect(port);
  old.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const server = await backend.peer(0);
  await server.until(() => got(server).filter(({ type }) => type === headers).length === 2);
  client.reset();
  old.reset();
  await server.until(() => got(server).filter(({ type }) => type === rstStream).length === 2);
  t.true(got(server).every((seen) => seen.type !== rstStream || codeOf(seen) === 'CANCEL'));
  t.deepEqual(await sidecar.leftovers(), []);
});

test('A client of HTTP/1.1 is reset within its response, whatever the code', async (t) => {
  const backend = await startRaw(t, (peer, id) => {
    peer.write(frame(headers, endHeaders, id, okBlock));
    peer.write(frame(data, 0, id, 'half'));
  });
  const { sidecar, port } = await setUpRoute(t, backend.port);
  const client = await connect(port);
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await client.sees('half');
  (await backend.peer(0)).write(frame(rstStream, 0, 1, uint32(8)));
  t.is(await client.over(), 'reset');
  t.deepEqual(await sidecar.leftovers(), []);
});
