import test from 'ava';
import { array, assert, constantFrom, nat, property } from 'fast-check';
import { findHeadEnd, headIn, headOf } from '../../../proxy/http1/headBytes.ts';

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
  t.deepEqual(headOf(text, end - 2).bytes, buffer.subarray(2, end + 4));
});
