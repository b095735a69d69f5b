import test from 'ava';
import { startOkBackend } from '../backend.ts';
import { backendSample, matchSample, routeSample, rpc } from '../../routing/samples.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask } from '../peer.ts';

const call = (path: string, type = 'application/grpc-web+proto'): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 0\r\n\r\n`;
const head = (text: string): string => text.slice(0, text.indexOf('\r\n\r\n') + 4);

/** A sidecar with one GRPCRoute for `shop.Cart`, whose backend is there or has this problem. */
function withRoute(t: Parameters<typeof setUp>[0], invalid?: string) {
  const sidecar = setUp(t);
  const target = { type: 'Invalid', reason: 'BackendNotFound', message: invalid ?? '' } as const;
  const route = routeSample([[matchSample({ path: rpc('Exact', 'shop.Cart') })]], { kind: 'GRPCRoute' });
  const [rule] = route.rules;
  if (rule === undefined) throw new Error('no rule');
  const backends = [backendSample(invalid === undefined ? {} : { target })];
  return { sidecar, routing: routingSample({ routes: [{ ...route, rules: [{ ...rule, backends }] }] }) };
}

test('What no rule matches is UNIMPLEMENTED to a caller of gRPC, in a head that says all', async (t) => {
  const { sidecar, routing } = withRoute(t);
  sidecar.apply(routing, endpointsOf('cart'));
  const text = await ask(await sidecar.service(), call('/shop.Order/Place'));
  t.is(text, head(text), 'there is no body');
  t.regex(text, /^HTTP\/1\.1 200 OK\r\n/);
  t.regex(text, /\r\nContent-Type: application\/grpc-web\+proto\r\n/);
  t.regex(text, /\r\nGrpc-Status: 12\r\nGrpc-Message: heddle: no rule of the routes on this Service port matches/);
  t.like((await sidecar.logged(1))[0], { status: 200, flags: 'NR', level: 'warn' });
});

test('Whoever else calls gets 404 where no rule matches', async (t) => {
  const { sidecar, routing } = withRoute(t);
  sidecar.apply(routing, endpointsOf('cart'));
  t.regex(
    await ask(await sidecar.service(), call('/other', 'application/json')),
    /^HTTP\/1\.1 404 [^]*\r\n\r\nheddle: /,
  );
});

test('Without an endpoint it is UNAVAILABLE', async (t) => {
  const { sidecar, routing } = withRoute(t);
  sidecar.apply(routing, endpointsOf('cart'));
  t.regex(
    await ask(await sidecar.service(), call('/shop.Cart/Add')),
    /\r\nGrpc-Status: 14\r\nGrpc-Message: heddle: shop/,
  );
  t.like((await sidecar.logged(1))[0], {
    route: 'GRPCRoute shop/cart',
    matched: 'service shop.Cart',
    flags: 'UH',
  });
});

test('At an invalid backend it is UNAVAILABLE, and the message is percent-encoded', async (t) => {
  const { sidecar, routing } = withRoute(t, 'Service shöp is 100% gone');
  sidecar.apply(routing, endpointsOf('cart'));
  const text = await ask(await sidecar.service(), call('/shop.Cart/Add'));
  t.regex(text, /\r\nGrpc-Status: 14\r\nGrpc-Message: heddle: BackendNotFound: Service sh%C3%B6p is 100%25 gone\r\n/);
});

test('What the sidecar of the endpoint says of an RPC is heeded by the calling one, and nobody sees its marks', async (t) => {
  const called = setUp(t);
  // No test is ever given this port: nobody listens there.
  const inbound = await called.straight(1);
  const backend = await startOkBackend(t);
  const calling = setUp(t, { random: () => 0 });
  const { routing } = withRoute(t);
  const toHTTP1 = { type: 'Endpoints', endpoints: 'shop/cart:80', protocol: 'http1' } as const;
  const routes = routing.routes.map((route) => ({
    ...route,
    rules: route.rules.map((rule) => ({ ...rule, backends: [backendSample({ target: toHTTP1 })] })),
  }));
  calling.apply({ ...routing, routes }, endpointsOf('cart', readyEndpoint(inbound)));
  const alone = await ask(await calling.service(), call('/shop.Cart/Add'));
  t.regex(alone, /\r\nGrpc-Status: 14\r\n/);
  t.notRegex(alone, /heddle-(?:flag|resend)/i);
  t.like((await calling.logged(1))[0], { status: 200, flags: 'UF' });
  // It was never seen there, so that another endpoint gets it.
  calling.apply({ ...routing, routes }, endpointsOf('cart', readyEndpoint(inbound), readyEndpoint(backend.port)));
  for (let turn = 0; turn < 4; turn++)
    t.regex(await ask(await calling.service(), call('/shop.Cart/Add')), /^HTTP\/1\.1 200 OK\r\nContent-Length: 2\r\n/);
  t.deepEqual(await calling.leftovers(), []);
});

test('A redirect is one to a caller of gRPC, too', async (t) => {
  const sidecar = setUp(t);
  const route = routeSample([[matchSample()]]);
  const [rule] = route.rules;
  if (rule === undefined) throw new Error('no rule');
  const filters = [{ type: 'RequestRedirect', hostname: 'b', statusCode: 302 }] as const;
  sidecar.apply(routingSample({ routes: [{ ...route, rules: [{ ...rule, filters }] }] }), endpointsOf('cart'));
  t.regex(await ask(await sidecar.service(), call('/a/b')), /^HTTP\/1\.1 302 /);
});
