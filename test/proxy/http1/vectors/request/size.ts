import { get, passes, refused, type RequestVector } from '../requestVector.ts';

/** http-safety rule 9: limits. */
export const size: readonly RequestVector[] = [
  passes('100 fields pass', get('A: b\r\n'.repeat(99))),
  refused('101 fields are 431', get('A: b\r\n'.repeat(100)), 431),
  passes('a head of 60 KB passes', get(`A: ${'b'.repeat(60_000)}\r\n`)),
  refused('a head of more than 64 KB is 431', get(`A: ${'b'.repeat(66_000)}\r\n`), 431),
  refused('a head of 64 KB without end is 431', `GET /a HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(66_000)}`, 431),
  refused('16,200 fields are 431', get('a:\r\n'.repeat(16_200)), 431),
  refused('101 fields without an end are 431', `GET /a HTTP/1.1\r\nHost: x\r\n${'a:\r\n'.repeat(101)}`, 431),
  refused('a head of 100 KB is 431', get(`A: ${'b'.repeat(100_000)}\r\n`), 431),
  refused('a name of 70 KB is 431', get(`${'b'.repeat(70_000)}: a\r\n`), 431),
  passes(
    '32 options of Connection pass',
    get(`Connection: ${Array.from({ length: 32 }, (_, at) => `c${at}`).join()}\r\n`),
    get(''),
  ),
  refused('33 options of Connection are 431', get(`Connection: ${'b,'.repeat(33)}\r\n`), 431),
  refused('20,000 options of Connection are 431', get(`Connection: ${'b,'.repeat(20_000)}\r\n`), 431),
  refused('33 options in 33 fields are 431', get('Connection: b\r\n'.repeat(33)), 431),
  passes('20,000 empty options are none', get(`Connection: ${','.repeat(20_000)}\r\n`), get('')),
  passes('an absolute target of 8192 bytes passes', `GET http://x/${'a'.repeat(8183)} HTTP/1.1\r\nHost: x\r\n\r\n`),
  refused(
    'an absolute target of 8193 bytes is 414',
    `GET http://x/${'a'.repeat(8184)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    414,
  ),
];
