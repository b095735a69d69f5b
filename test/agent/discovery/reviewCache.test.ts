import test from 'ava';
import { ReviewCache } from '../../../agent/discovery/reviewCache.ts';
import type { Review } from '../../../agent/discovery/tokenReview.ts';

const pod: Review = { type: 'pod', identity: { namespace: 'shop', pod: 'a' } };
const refused: Review = { type: 'refused', message: 'no' };
const away: Review = { type: 'unavailable', message: 'away' };

function setUp(limits: { size?: number; refusals?: number; underWay?: number; waiting?: number } = {}) {
  const state: { now: number; answer: Review; asked: string[] } = { now: 0, answer: pod, asked: [] };
  const cache = new ReviewCache({
    ...limits,
    now: () => state.now,
    review(token) {
      state.asked.push(token);
      return Promise.resolve(state.answer);
    },
  });
  return { cache, state };
}

const minute = 60_000;
const times: readonly (readonly [title: string, expiresMs: number | undefined, lastFresh: number])[] = [
  ['for ten minutes', 60 * minute, 10 * minute],
  ['until a minute before it expires', 5 * minute, 4 * minute],
  ['for ten minutes when it never expires', undefined, 10 * minute],
];
for (const [title, expiresMs, lastFresh] of times) {
  test(`a pod is remembered ${title}`, async (t) => {
    const { cache, state } = setUp();
    t.is(await cache.get('a', expiresMs), pod);
    state.now = lastFresh - 1;
    t.is(await cache.get('a', expiresMs), pod);
    t.is(state.asked.length, 1);
    state.now = lastFresh;
    state.answer = refused;
    t.is(await cache.get('a', expiresMs), refused, 'and what is said then counts');
    t.is(state.asked.length, 2);
  });
}

test('while nobody can be asked a pod is known until its token expires, and a refusal is no knowledge', async (t) => {
  const { cache, state } = setUp();
  await cache.get('a', 60 * minute);
  state.answer = refused;
  await cache.get('b', 60 * minute);
  state.answer = away;
  state.now = 60 * minute - 1;
  t.is(await cache.get('a', 60 * minute), pod);
  t.is(await cache.get('b', 60 * minute), away);
  state.now = 60 * minute;
  t.is(await cache.get('a', 60 * minute), away);
});

test('a refusal is remembered for five seconds, what could not be asked not at all', async (t) => {
  const { cache, state } = setUp();
  state.answer = refused;
  await cache.get('a', undefined);
  state.now = 4999;
  await cache.get('a', undefined);
  t.is(state.asked.length, 1);
  state.now = 5000;
  state.answer = away;
  t.is(await cache.get('a', undefined), away);
  state.answer = pod;
  t.is(await cache.get('a', undefined), pod);
});

test('of more tokens than it holds, the one not used for longest is forgotten', async (t) => {
  const { cache, state } = setUp({ size: 2 });
  for (const token of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.get(token, undefined);
  t.deepEqual(state.asked, ['a', 'b', 'c', 'b']);
});

test('reviews under way are bounded, others wait for their turn, and too many do not wait', async (t) => {
  const gates: (() => void)[] = [];
  const cache = new ReviewCache({
    underWay: 2,
    waiting: 2,
    now: () => 0,
    review: () => new Promise((resolve) => gates.push(() => resolve(pod))),
  });
  const calls = ['a', 'b', 'c', 'd', 'e'].map((token) => cache.get(token, undefined));
  t.like(await calls[4], { type: 'unavailable' });
  t.is(gates.length, 2);
  for (let open = 0; open < 4; open++) {
    gates[open]?.();
    await calls[open];
    await new Promise(setImmediate);
  }
  t.is(gates.length, 4);
  t.deepEqual(await Promise.all(calls.slice(0, 4)), [pod, pod, pod, pod]);
  void cache.get('f', undefined);
  void cache.get('g', undefined);
  await new Promise(setImmediate);
  t.is(gates.length, 6, 'all turns were given back');
});

test('refusals, which anybody can cause, push no pod out', async (t) => {
  const { cache, state } = setUp({ size: 2, refusals: 2 });
  await cache.get('pod', undefined);
  state.answer = refused;
  for (const token of ['a', 'b', 'c', 'd']) await cache.get(token, undefined);
  t.is(await cache.get('pod', undefined), pod);
  t.deepEqual(state.asked, ['pod', 'a', 'b', 'c', 'd']);
});

const mayNot = () => false;

test('who may not ask gets what is known, also when it is to be asked anew', async (t) => {
  const { cache, state } = setUp();
  t.like(await cache.get('a', undefined, mayNot), { type: 'unavailable' });
  await cache.get('a', undefined);
  t.is(await cache.get('a', undefined, mayNot), pod);
  state.now = 11 * minute;
  t.is(await cache.get('a', 60 * minute, mayNot), pod);
  t.is(state.asked.length, 1);
});
