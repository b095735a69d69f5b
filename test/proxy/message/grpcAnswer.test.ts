import { readFileSync } from 'node:fs';
import test from 'ava';
import { grpcStatusFor } from '../../../proxy/message/grpcAnswer.ts';

const page = readFileSync(new URL('../../../docs/grpc.md', import.meta.url), 'utf8');
const section = page.split('\n### Which status\n')[1] ?? '';
const rows = section.split('\n').flatMap((line): (readonly [of: string, status: string])[] => {
  const [, of = '', status = ''] = /^\| ([^|]+?) +\| `([A-Z_]+)`/.exec(line) ?? [];
  return status === '' ? [] : [[of, status]];
});

test('the table of docs/grpc.md has the status of gRPC for each of HTTP', (t) => {
  const others = rows.find(([of]) => of === 'all others')?.[1];
  for (let status = 400; status < 600; status++) {
    const own = rows.filter(([of]) => of.split(', ').includes(String(status)));
    t.true(own.length <= 1, `${status} stands there twice`);
    t.is(own[0]?.[1] ?? others, grpcStatusFor(status, undefined), `${status}`);
    t.is(rows.find(([of]) => of === 'any with `NC`')?.[1], grpcStatusFor(status, 'NC'));
  }
});
