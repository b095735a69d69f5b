import test from 'ava';
import { LifeSigns } from '../../../proxy/http2/lifeSigns.ts';
import { clock } from '../../../proxy/socket/clock.ts';

const times = { afterMs: 20, withinMs: 10, againMs: 300 };

test.serial('a connection is asked when it has been silent, and is dead when it says nothing to that', (t) => {
  clock.ms = 1000;
  const signs = new LifeSigns(times);
  t.deepEqual(signs.look(990), { type: 'Fine', againInMs: 10 });
  clock.ms = 1010;
  t.deepEqual(signs.look(990), { type: 'Ask', againInMs: 10 });
  clock.ms = 1020;
  t.deepEqual(signs.look(990), { type: 'Dead', againInMs: Infinity });
});

test.serial('one that has said anything since lives, and is not asked again for long', (t) => {
  clock.ms = 1000;
  const signs = new LifeSigns(times);
  t.is(signs.look(900).type, 'Ask');
  clock.ms = 1010;
  t.deepEqual(signs.look(1005), { type: 'Fine', againInMs: 290 });
  clock.ms = 1300;
  t.is(signs.look(1005).type, 'Ask');
  clock.ms = 1305;
  signs.answered();
  t.is(signs.look(1301).type, 'Fine');
});
