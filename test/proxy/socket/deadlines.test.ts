import test from 'ava';
import { Alarm, unwatchDeadline, watchDeadline } from '../../../proxy/socket/deadlines.ts';

test.serial('one that fails at its deadline does not keep the others from theirs, and is heard of', async (t) => {
  const heard: unknown[] = [];
  let wasCalled = false;
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const hear = (error: unknown): void =>
    void heard.push(`${String(error)}, ${wasCalled ? 'after' : 'before'} the other`);
  process.on('uncaughtException', hear);
  t.teardown(() => {
    process.off('uncaughtException', hear);
    for (const listener of listeners) process.on('uncaughtException', listener);
  });
  const failing = new Alarm(() => {
    throw new Error('a defect');
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  const other = new Alarm(() => {
    wasCalled = true;
    resolve();
  });
  failing.deadline = 0;
  other.deadline = 0;
  watchDeadline(failing);
  watchDeadline(other);
  // The sweep keeps no process running.
  const running = setInterval(() => undefined, 1000);
  await promise;
  clearInterval(running);
  await new Promise(setImmediate);
  unwatchDeadline(failing);
  unwatchDeadline(other);
  t.deepEqual(heard, ['Error: a defect, after the other']);
});

test.serial(
  'at its deadline one may stop watching itself, the next, the one before and one that is not watched',
  async (t) => {
    const told: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const alarm = (name: string, onDeadline: () => void): Alarm => {
      const made = new Alarm(() => {
        told.push(name);
        onDeadline();
      });
      made.deadline = 0;
      watchDeadline(made);
      return made;
    };
    const before = alarm('before', () => undefined);
    const middle = alarm('middle', () => {
      for (const one of [middle, next, before, next]) unwatchDeadline(one);
    });
    const next = alarm('next', () => undefined);
    const last = alarm('last', resolve);
    watchDeadline(last);
    const running = setInterval(() => undefined, 1000);
    await promise;
    clearInterval(running);
    unwatchDeadline(last);
    t.deepEqual(told, ['before', 'middle', 'last']);
  },
);
