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
  return { port, clientNamespace: undefined, kind, key: `${kind} shop/${name}`, route, ...rest };
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

test('routes for the clients of one namespace are judged among themselves', (t) => {
  const http = attach('HTTPRoute', 'web');
  const consumer = attach('GRPCRoute', 'rpc', { clientNamespace: 'bank' });
  t.deepEqual(outcome(http, consumer), { serving: { all: 'web', bank: 'rpc' }, refused: [] });
});
