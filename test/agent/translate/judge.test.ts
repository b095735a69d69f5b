import test from 'ava';
import { type Attachment, judge } from '../../../agent/translate/judge.ts';

const port = 'shop/cart:80';

function attach(
  kind: Attachment['kind'],
  name: string,
  given: Partial<Attachment> & { age?: number } = {},
): Attachment {
  const { age = 0, ...rest } = given;
  const route = { kind: 'HTTPRoute', namespace: 'shop', name, createdAtMs: -age, rules: [] } as const;
  return { port, clientNamespace: undefined, kind, key: `${kind} shop/${name}`, route, isValid: true, ...rest };
}

/** The names of those that serve, by clients' namespace, and the keys of those that are refused. */
function outcome(...attachments: readonly Attachment[]) {
  const { serving, refused } = judge(attachments);
  return {
    serving: Object.fromEntries(
      [...serving].map(([client, routes]) => [client ?? 'all', routes.map(({ name }) => name).join()]),
    ),
    refused: [...refused.keys()],
  };
}

test('routes of one kind serve together, the oldest first, then by name', (t) => {
  const routes = [attach('HTTPRoute', 'b'), attach('HTTPRoute', 'a'), attach('HTTPRoute', 'z', { age: 9 })];
  t.deepEqual(outcome(...routes), { serving: { all: 'z,a,b' }, refused: [] });
});

test('where kinds meet at a port, the first in the order of the Gateway API has it, whatever their age', (t) => {
  const http = attach('HTTPRoute', 'web', { age: 9 });
  const grpc = attach('GRPCRoute', 'rpc');
  const tcp = attach('TCPRoute', 'db');
  t.deepEqual(outcome(tcp, http, grpc), {
    serving: { all: 'rpc' },
    refused: ['HTTPRoute shop/web', 'TCPRoute shop/db'],
  });
  t.deepEqual(outcome(tcp, http), { serving: { all: 'web' }, refused: ['TCPRoute shop/db'] });
  t.deepEqual(judge([http, grpc]).refused.get('HTTPRoute shop/web'), {
    reason: 'Conflicted',
    message:
      'port shop/cart:80 has GRPCRoute shop/rpc, and GRPCRoute goes before HTTPRoute; attach this route to another port',
  });
});

test('those that have the port are told of whom they displace, and nobody else is', (t) => {
  const web = attach('HTTPRoute', 'web');
  const shop = attach('HTTPRoute', 'shop');
  const rpc = attach('GRPCRoute', 'rpc');
  const call = attach('GRPCRoute', 'call');
  const told = [
    'HTTPRoute shop/shop does not serve at port shop/cart:80, since GRPCRoute goes before HTTPRoute',
    'HTTPRoute shop/web does not serve at port shop/cart:80, since GRPCRoute goes before HTTPRoute',
  ];
  t.deepEqual(
    [...judge([web, shop, rpc, call]).displacing],
    [
      ['GRPCRoute shop/call', told],
      ['GRPCRoute shop/rpc', told],
    ],
  );
  t.is(judge([web, shop]).displacing.size, 0);
});

test('a route of which nothing can be done takes no port from other kinds, and among its own keeps its place', (t) => {
  const web = attach('HTTPRoute', 'web');
  const broken = attach('GRPCRoute', 'broken', { isValid: false });
  const rpc = attach('GRPCRoute', 'rpc');
  t.deepEqual(outcome(web, broken), { serving: { all: 'web' }, refused: ['GRPCRoute shop/broken'] });
  t.deepEqual(
    [...judge([web, broken]).displacing],
    [
      [
        'HTTPRoute shop/web',
        ['GRPCRoute shop/broken does not serve at port shop/cart:80, since no rule of that GRPCRoute can be done'],
      ],
    ],
  );
  t.deepEqual(outcome(web, broken, rpc), { serving: { all: 'broken,rpc' }, refused: ['HTTPRoute shop/web'] });
  t.deepEqual(outcome(broken), { serving: { all: 'broken' }, refused: [] });
});

test('routes for the clients of one namespace are judged among themselves', (t) => {
  const http = attach('HTTPRoute', 'web');
  const consumer = attach('GRPCRoute', 'rpc', { clientNamespace: 'bank' });
  t.deepEqual(outcome(http, consumer), { serving: { all: 'web', bank: 'rpc' }, refused: [] });
});
