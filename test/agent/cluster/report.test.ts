import test from 'ava';
import { pino } from 'pino';
import { logWatch } from '../../../agent/cluster/report.ts';
import { ApiError } from '../../../kubernetes/api.ts';
import type { WatchEvent } from '../../../kubernetes/watch.ts';

/** The lines of these events, as level and message. */
function told(...events: readonly WatchEvent[]): readonly string[] {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const tell = logWatch('TLSRoute', log);
  for (const event of events) tell(event);
  return lines.map((line) => {
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    return `${level} ${msg.split(':')[0]}`;
  });
}

const failed = (status: number, failures: number): WatchEvent => {
  const error = new ApiError(status, 'TooManyRequests', 'storage is (re)initializing', 1000);
  return { type: 'failed', error, failures, waitMs: 1000 };
};
const listed: WatchEvent = { type: 'listed', objects: 0 };

test('a server that asks for patience a few times is no news', (t) => {
  t.deepEqual(told(failed(429, 1), failed(429, 2), failed(429, 3), listed), []);
});

test('one that goes on asking is', (t) => {
  t.deepEqual(told(failed(429, 3), failed(429, 4), failed(429, 5), listed), [
    '40 Watch failed',
    '30 Watch works again',
  ]);
});

test('any other failure is told at once, and once', (t) => {
  t.deepEqual(told(failed(500, 1), failed(500, 2), listed), ['40 Watch failed', '30 Watch works again']);
});
