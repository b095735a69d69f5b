import test from 'ava';
import { LifeSigns } from '../../../proxy/http2/lifeSigns.ts';
import { clock } from '../../../proxy/socket/clock.ts';

const times = { afterMs: 20, withinMs: 10, againMs: 300 };
const idle = { written: 100, undelivered: 0 };

test.serial('a connection is asked when it has been silent, and is dead when it says nothing to that', (t) => {
  clock.ms = 1000;
  const signs = new LifeSigns(times);
  t.deepEqual(signs.look(990, idle), { type: 'Fine', againInMs: 10 });
  clock.ms = 1010;
  t.deepEqual(signs.look(990, idle), { type: 'Ask', againInMs: 10 });
  clock.ms = 1020;
  t.deepEqual(signs.look(990, idle), { type: 'Dead', againInMs: Infinity });
});

test.serial('one that has said anything since lives, and is not asked again for long', (t) => {
  clock.ms = 1000;
  const signs = new LifeSigns(times);
  t.is(signs.look(900, idle).type, 'Ask');
  clock.ms = 1010;
  t.deepEqual(signs.look(1005, idle), { type: 'Fine', againInMs: 20 });
  clock.ms = 1300;
  t.is(signs.look(1005, idle).type, 'Ask');
  clock.ms = 1305;
  signs.answered();
  t.is(signs.look(1301, idle).type, 'Fine');
});

/** What is said at these times of a connection that has answered a PING, by what was written and has not arrived then. */
function laterLooks(looks: readonly (readonly [ms: number, written: number, undelivered: number])[]): string[] {
  clock.ms = 1000;
  const signs = new LifeSigns(times);
  signs.look(900, idle);
  signs.answered();
  return looks.map(([ms, written, undelivered]) => {
    clock.ms = ms;
    return signs.look(1005, { written, undelivered }).type;
  });
}

test.serial(
  'one of whose bytes none arrive for so long is dead without a question, whatever is written meanwhile',
  (t) => {
    t.deepEqual(
      laterLooks([
        [1010, 100, 0],
        [1030, 150, 50],
        [1040, 300, 200],
        [1049, 300, 200],
        [1050, 400, 300],
      ]),
      ['Fine', 'Fine', 'Fine', 'Fine', 'Dead'],
    );
  },
);

test.serial('one that takes its bytes lives, though some are always on their way', (t) => {
  t.deepEqual(
    laterLooks([
      [1010, 150, 50],
      [1030, 151, 50],
      [1050, 152, 50],
      [1070, 152, 0],
      [1200, 153, 1],
      [1205, 154, 1],
    ]),
    ['Fine', 'Fine', 'Fine', 'Fine', 'Fine', 'Fine'],
  );
});
