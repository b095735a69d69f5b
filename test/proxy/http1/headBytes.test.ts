import test from 'ava';
import { array, assert, constantFrom, nat, property } from 'fast-check';
import { findHeadEnd, headIn } from '../../../proxy/http1/headBytes.ts';
import { HeadReader, headSection } from '../../../proxy/http1/headReader.ts';

const pieces = array(constantFrom('\r', '\n', '\r\n', 'a', 'bcd', '\r\n\r\n'), { maxLength: 24 });

test('the end of a head is found where a search for CRLFCRLF finds it, at any place in a buffer', (t) => {
  assert(
    property(pieces, nat(9), nat(9), (parts, before, behind) => {
      const text = parts.join('');
      // What stands around it in the shared buffer does not count.
      const buffer = Buffer.from(`${'\r\n'.repeat(before)}${text}${'\r\n'.repeat(behind)}`);
      const at = before * 2;
      const found = text.indexOf('\r\n\r\n');
      return findHeadEnd(buffer, at, at + text.length) === (found < 0 ? -1 : at + found);
    }),
    { numRuns: 5000 },
  );
  t.pass();
});

test('a head knows its text wherever it stands', (t) => {
  const buffer = Buffer.from('..GET / HTTP/1.1\r\nA: \xe4\r\n\r\nbody', 'latin1');
  const end = findHeadEnd(buffer, 2, buffer.length);
  const { text } = headIn(buffer, 2, end);
  t.is(text, 'GET / HTTP/1.1\r\nA: \xe4\r\n\r\n');
});

test('a head in pieces is the same head, and what follows it is left', (t) => {
  const text = 'GET / HTTP/1.1\r\nA: \xe4\r\n\r\n';
  for (let size = 1; size <= text.length + 4; size++) {
    const reader = new HeadReader(headSection(() => undefined));
    const buffer = Buffer.from(`${text}body`, 'latin1');
    let at = 0;
    for (;;) {
      const end = Math.min(at + size, buffer.length);
      const head = reader.read(buffer, at, end);
      if (head === undefined) {
        at = end;
        continue;
      }
      t.is(head.text, text);
      t.is(reader.next, text.length);
      break;
    }
    t.is(reader.held, 0);
  }
});

test('64 KB of a head that come byte by byte hold half more memory than they are, at the most', (t) => {
  const reader = new HeadReader(headSection(() => undefined));
  const text = Buffer.from(`GET / HTTP/1.1\r\nA: ${'b'.repeat(65_000)}`);
  for (let at = 0; at < text.length; at++) t.is(reader.read(text, at, at + 1), undefined);
  t.is(reader.refusal, undefined);
  t.true(reader.held <= text.length * 1.5, `${reader.held} bytes`);
});

for (const [title, text, message] of [
  ['a field too many', `GET / HTTP/1.1\r\n${'a:\r\n'.repeat(101)}`, /more than 100/],
  ['a byte too many', `GET / HTTP/1.1\r\nA: ${'b'.repeat(66_000)}`, /64 KiB/],
  ['a bare LF', 'GET / HTTP/1.1\n', /bare LF/],
  ['a bare CR', 'GET / HTTP/1.1\rA', /CR without LF/],
  ['a NUL', 'GET / HTTP/1.1\r\nA: \0', /control character/],
] as const) {
  for (const size of [1, 7, 70_000]) {
    test(`${title} is refused before the head has an end, in pieces of ${size}`, (t) => {
      const reader = new HeadReader(headSection(() => undefined));
      const bytes = Buffer.from(text, 'latin1');
      for (let at = 0; at < bytes.length && reader.refusal === undefined; at += size)
        t.is(reader.read(bytes, at, Math.min(at + size, bytes.length)), undefined);
      t.regex(reader.refusal?.message ?? '', message);
    });
  }
}
