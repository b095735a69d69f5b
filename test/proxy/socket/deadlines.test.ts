import test from 'ava';
import { type Expiring, unwatchDeadline, watchDeadline } from '../../../proxy/socket/deadlines.ts';

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
  const failing: Expiring = {
    deadline: 0,
    onDeadline: () => {
      throw new Error('a defect');
    },
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  const other: Expiring = {
    deadline: 0,
    onDeadline: () => {
      wasCalled = true;
      resolve();
    },
  };
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
