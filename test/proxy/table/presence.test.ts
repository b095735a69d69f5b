import test from 'ava';
import { Presence } from '../../../proxy/table/presence.ts';

test('an agent is waited for at the start, while it is there, and for two seconds after it was lost', (t) => {
  let now = 1000;
  const presence = new Presence(5000, () => now);
  const look = (at: number): { mayAnswer: boolean; ready: boolean } => {
    now = at;
    return { mayAnswer: presence.mayAnswer, ready: presence.ready };
  };
  t.deepEqual(look(5999), { mayAnswer: true, ready: false });
  t.deepEqual(look(6000), { mayAnswer: false, ready: true });
  presence.onConnected();
  t.deepEqual(look(90_000), { mayAnswer: true, ready: true });
  presence.onLost();
  t.deepEqual(look(91_999), { mayAnswer: true, ready: true });
  presence.onLost();
  t.deepEqual(look(92_000), { mayAnswer: false, ready: true });
});

test('a sidecar whose agent has answered once stays ready', (t) => {
  const presence = new Presence(5000, () => 0);
  t.false(presence.ready);
  presence.onConnected();
  presence.onLost();
  t.true(presence.ready);
});
