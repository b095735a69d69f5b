import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { capabilityNames } from '../../../routing/wire/capabilities.ts';
import { encodeEndpoints } from '../../routing/wire/bytes.ts';
import { endpointsTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { startAgent } from './agent.ts';
import { startClient } from './client.ts';

const resource = (name: string, version: string, value = encodeEndpoints({ name, endpoints: [] })) => ({
  name,
  version,
  resource: { typeUrl, value },
});

test('nothing is asked for until something is wanted; what is wanted in one turn goes in one request', async (t) => {
  const agent = await startAgent(t);
  const { type, subscriber } = startClient(t, agent.address);
  for (let turn = 0; turn < 3000 && !subscriber.connected; turn++) await sleep(10);
  t.true(subscriber.connected);
  t.deepEqual(agent.requests, []);
  type.want('a');
  type.want('b');
  const first = await agent.next();
  t.deepEqual(first.resourceNamesSubscribe, ['a', 'b']);
  t.is(first.typeUrl, typeUrl);
  t.is(first.node?.id, 'shop/pod');
  t.deepEqual(first.node?.clientFeatures, [...capabilityNames], 'it says what it can read');
  type.drop('a');
  t.deepEqual((await agent.next()).resourceNamesUnsubscribe, ['a']);
});

test('a response is applied and acknowledged; what was not asked for is passed over', async (t) => {
  const agent = await startAgent(t);
  const { type, done } = startClient(t, agent.address);
  type.want('a');
  await agent.next();
  agent.send({ typeUrl, nonce: 'n1', resources: [resource('a', '1'), resource('stranger', '1')] });
  const ack = await agent.next();
  t.is(ack.responseNonce, 'n1');
  t.is(ack.errorDetail, undefined);
  t.deepEqual(done, ['a=1']);
  agent.send({ typeUrl, nonce: 'n2', removedResources: ['a', 'stranger'] });
  t.is((await agent.next()).responseNonce, 'n2');
  t.deepEqual(done, ['a=1', '-a']);
});

test('what is sent and removed at once is neither gone nor good: that is refused, and what came is applied', async (t) => {
  const agent = await startAgent(t);
  const { type, done } = startClient(t, agent.address);
  type.want('a');
  type.want('b');
  await agent.next();
  agent.send({ typeUrl, nonce: 'n1', resources: [resource('a', '1'), resource('b', '1')] });
  await agent.next();
  agent.send({
    typeUrl,
    nonce: 'n2',
    resources: [resource('a', '2'), resource('b', 'bad')],
    removedResources: ['a', 'b'],
  });
  const nack = await agent.next();
  t.regex(nack.errorDetail?.message ?? '', /a: is sent and removed at once/);
  t.false(
    done.some((each) => each.startsWith('-')),
    done.join(),
  );
  t.is(done.at(-1), 'a=2');
});

test('bad resources are refused by name, and their siblings applied', async (t) => {
  const agent = await startAgent(t);
  const { type, done, log } = startClient(t, agent.address);
  const names = ['good', 'refused', 'garbage', 'empty', 'foreign', 'explodes', 'fine'];
  for (const name of names) type.want(name);
  await agent.next();
  agent.send({
    typeUrl,
    nonce: 'n1',
    resources: [
      resource('good', '1'),
      resource('refused', 'bad'),
      resource('garbage', '1', new Uint8Array([255, 255, 255, 7])),
      { name: 'empty', version: '1' },
      { ...resource('foreign', '1'), resource: { typeUrl: 'type.googleapis.com/other', value: new Uint8Array() } },
      resource('explodes', 'explode'),
      resource('fine', '1'),
    ],
  });
  const nack = await agent.next();
  t.is(nack.responseNonce, 'n1');
  for (const name of ['refused: is bad', 'garbage: ', 'empty: ', 'foreign: ', 'explodes: boom'])
    t.true(nack.errorDetail?.message.includes(name), name);
  t.deepEqual(done, ['good=1', 'fine=1']);
  t.regex(log.join(''), /Configuration rejected/);
});

test('after a loss it asks again with the versions that it holds, and keeps what it has', async (t) => {
  const agent = await startAgent(t);
  const { type, done, subscriber } = startClient(t, agent.address);
  for (const name of ['a', 'b', 'c']) type.want(name);
  await agent.next();
  agent.send({ typeUrl, nonce: 'n1', resources: [resource('a', '1'), resource('b', '2'), resource('c', '1')] });
  await agent.next();
  agent.send({ typeUrl, nonce: 'n2', resources: [resource('a', 'bad2')], removedResources: ['c'] });
  await agent.next();
  agent.stop();
  for (let turn = 0; turn < 3000 && subscriber.connected; turn++) await sleep(10);
  t.false(subscriber.connected);
  type.want('d');
  type.drop('b');
  const again = await startAgent(t, { address: agent.address });
  const first = await again.next();
  t.deepEqual(first.resourceNamesSubscribe, ['a', 'c', 'd']);
  t.deepEqual(first.initialResourceVersions, { a: '1' }, 'a refused version is not held, nor what was removed');
  t.deepEqual(first.resourceNamesUnsubscribe, []);
  again.send({ typeUrl, nonce: 'm1', resources: [resource('d', '1')] });
  t.is((await again.next()).responseNonce, 'm1');
  t.deepEqual(done, ['a=1', 'b=2', 'c=1', '-c', 'd=1']);
});

test('a type that nobody knows is refused, and the stream goes on', async (t) => {
  const agent = await startAgent(t);
  const { type, done } = startClient(t, agent.address);
  type.want('a');
  await agent.next();
  agent.send({ typeUrl: 'type.googleapis.com/other', nonce: 'n1' });
  const nack = await agent.next();
  t.is(nack.typeUrl, 'type.googleapis.com/other');
  t.truthy(nack.errorDetail?.message);
  agent.send({ typeUrl, nonce: 'n2', resources: [resource('a', '1')] });
  await agent.next();
  t.deepEqual(done, ['a=1']);
  t.is(agent.streams.length, 1);
});

const nonsense: readonly (readonly [title: string, options: Parameters<typeof startAgent>[1]])[] = [
  ['sends garbage', { serialize: () => Buffer.from([255, 255, 255, 255, 1]) }],
  ['serves something else', { path: '/some.other.Service/Method' }],
];
for (const [title, options] of nonsense) {
  test(`an agent that ${title} is dialled again, ever more slowly`, async (t) => {
    const agent = await startAgent(t, options);
    const { type, log, done } = startClient(t, agent.address);
    type.want('a');
    const lost = (): number => log.filter((line) => line.includes('Agent lost')).length;
    const startedAt = Date.now();
    while (Date.now() < startedAt + 2500 || (lost() === 0 && Date.now() < startedAt + 30_000)) {
      agent.send({ typeUrl, nonce: 'n' });
      await sleep(20);
    }
    t.true(lost() >= 1);
    t.true(agent.streams.length < 12 && lost() < 12, `${agent.streams.length} streams, ${lost()} lines`);
    t.deepEqual(done, []);
  });
}

test('an agent that is not there is looked for until it comes, with one line in the log', async (t) => {
  const gone = await startAgent(t);
  gone.stop();
  const { type, subscriber, log } = startClient(t, gone.address);
  type.want('a');
  await sleep(1500);
  t.false(subscriber.connected);
  t.is(log.filter((line) => line.includes('Agent lost')).length, 1);
  t.false(subscriber.readiness.ready);
  t.true(subscriber.mayAnswer);
  const agent = await startAgent(t, { address: gone.address });
  t.deepEqual((await agent.next()).resourceNamesSubscribe, ['a']);
  for (let turn = 0; turn < 3000 && !subscriber.connected; turn++) await sleep(10);
  t.true(subscriber.readiness.ready);
});
