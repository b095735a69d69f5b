import test from 'ava';
import { PeerRates } from '../../../agent/discovery/peerRates.ts';
import { Places } from '../../../agent/discovery/places.ts';

const pod = (name: string) => ({ namespace: 'shop', pod: name });

function setUp() {
  const ended: string[] = [];
  const places = new Places<string>({ streams: 6, perPod: 2, perPeer: 4 }, (stream) => ended.push(stream));
  const enter = (stream: string, peer: string): string | undefined => {
    const refusal = places.findRefusal(peer);
    if (refusal === undefined) places.enter(stream, peer);
    return refusal;
  };
  return { places, ended, enter };
}

test('an address has as many streams as it may until they are known to be of pods', (t) => {
  const { places, enter } = setUp();
  for (const stream of ['1', '2', '3', '4']) t.is(enter(stream, 'a'), undefined);
  t.regex(enter('5', 'a') ?? '', /at most 4 streams from one address/);
  places.identify('1', pod('x'));
  t.is(enter('5', 'a'), undefined);
  places.forget('5');
  t.is(enter('6', 'a'), undefined);
});

test('when all places are taken, the address with most makes room, and streams of pods stay', (t) => {
  const { places, ended, enter } = setUp();
  for (const stream of ['x1', 'y1']) {
    enter(stream, 'node');
    places.identify(stream, pod(stream));
  }
  enter('b1', 'b');
  for (const stream of ['a1', 'a2', 'a3']) enter(stream, 'a');
  t.is(enter('c1', 'c'), undefined);
  t.deepEqual(ended, ['a1']);
  t.is(enter('d1', 'd'), undefined);
  t.deepEqual(ended, ['a1', 'a2']);
  t.regex(enter('e1', 'e') ?? '', /too many streams/);
});

test('of a pod the oldest stream goes, and one that turns out to be of another pod counts there', (t) => {
  const { places, ended, enter } = setUp();
  for (const stream of ['1', '2', '3']) enter(stream, 'a');
  places.identify('1', pod('x'));
  places.identify('2', pod('x'));
  places.identify('2', pod('y'));
  places.identify('3', pod('x'));
  t.deepEqual(ended, []);
  places.identify('2', pod('x'));
  t.deepEqual(ended, ['1']);
});

test('a peer has a rate of its own', (t) => {
  let now = 0;
  const rates = new PeerRates({ perSecond: 1, burst: 2 }, () => now);
  t.deepEqual(
    ['a', 'a', 'a', 'b'].map((peer) => rates.allows(peer)),
    [true, true, false, true],
  );
  now = 999;
  t.false(rates.allows('a'), 'asking in vain costs nothing');
  now = 1000;
  t.true(rates.allows('a'));
});
