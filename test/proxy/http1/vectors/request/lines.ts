import { get, passes, refused, type RequestVector } from '../requestVector.ts';

/** http-safety rule 3: the lines and characters of a head. */
export const lines: readonly RequestVector[] = [
  refused('a bare LF behind the request line is 400', 'GET /a HTTP/1.1\nHost: x\r\n\r\n'),
  refused('a bare LF behind a field is 400', 'GET /a HTTP/1.1\r\nHost: x\nA: b\r\n\r\n'),
  refused('bare LFs all over are 400', 'GET /a HTTP/1.1\nHost: x\n\n'),
  refused('an empty line of LF alone is 400', 'GET /a HTTP/1.1\r\nHost: x\r\n\n'),
  refused('a bare CR in a value is 400', get('A: b\rc\r\n')),
  refused('a bare CR instead of CRLF is 400', get('A: b\rB: c\r\n')),
  refused('CR CR LF is 400', get('A: b\r\r\n')),
  refused('a NUL in a value is 400', get('A: b\0c\r\n')),
  refused('a NUL in a name is 400', get('A\0: b\r\n')),
  refused('a NUL in the target is 400', 'GET /a\0 HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a folded line (obs-fold, space) is 400', get('A: b\r\n c\r\n')),
  refused('a folded line (obs-fold, tab) is 400', get('A: b\r\n\tc\r\n')),
  refused('white space before the first field is 400', 'GET /a HTTP/1.1\r\n Host: x\r\n\r\n'),
  refused('a space before the colon is 400', get('A : b\r\n')),
  refused('a tab before the colon is 400', get('A\t: b\r\n')),
  refused('a field without a colon is 400', get('Ab\r\n')),
  refused('a field without a name is 400', get(': b\r\n')),
  ...'( ) , / ; < = > ? @ [ \\ ] { } " \xe9 \x7f'
    .split(' ')
    .map((character) => refused(`${JSON.stringify(character)} in a field name is 400`, get(`A${character}B: c\r\n`))),
  ...['\x01', '\x08', '\x0b', '\x0c', '\x1f', '\x7f'].map((character) =>
    refused(`${JSON.stringify(character)} in a field value is 400`, get(`A: b${character}\r\n`)),
  ),
  passes('a tab within a value passes', get('A: b\tc\r\n')),
  passes('obs-text passes byte for byte', get('A: \x80\xe9\xff\r\n')),
  passes('white space around a value is left out', get('A: \t b \t\r\n'), get('A: b\r\n')),
  passes('a missing space behind the colon is put there', get('A:b\r\n'), get('A: b\r\n')),
  passes('an empty value passes', get('A: \r\n')),
  passes('the case of names and the order of fields stay', get('bB: 1\r\nAa: 2\r\nbb: 3\r\nAA: 4\r\n')),
  passes('one empty line before the request is skipped', `\r\n${get('')}`, get('')),
  passes('several empty lines before the request are skipped', `\r\n\r\n\r\n${get('')}`, get('')),
  ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code))
    .filter((character) => !'\t\r\n\0\x01\x08\x0b\x0c\x1f'.includes(character))
    .map((character) =>
      refused(`${JSON.stringify(character)} in a field value is 400 as well`, get(`A: b${character}c\r\n`)),
    ),
  ...['!', '#', '$', '%', '&', "'", '*', '+', '-', '.', '^', '_', '`', '|', '~', '0'].map((character) =>
    passes(`${character} in a field name passes`, get(`A${character}: b\r\n`)),
  ),
  refused('a bare CR before the end is 400', get('A: b\r\n\rC: d\r\n')),
  refused('a bare CR at the start of the target is 400', 'GET \r/a HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a folded line of white space alone is 400', get('A: b\r\n \r\n')),
  refused('LF CR is 400', get('A: b\n\rC: d\r\n')),
  passes('a value of colons passes', get('A: ::b:\r\n')),
  passes('a value of quotes and commas passes', get('A: "b, c", d;e="f"\r\n')),
];
