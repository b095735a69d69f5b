import { chunked, get, passes, post, refused, type RequestVector } from '../requestVector.ts';

/** http-safety rules 1 and 2: Content-Length and Transfer-Encoding. */
export const framing: readonly RequestVector[] = [
  passes('a plain request passes byte for byte', get('')),
  passes('Content-Length frames the body', post('Content-Length: 3\r\n', 'abc')),
  passes('Content-Length 0 stays', post('Content-Length: 0\r\n', '')),
  ...['03', '003', `${'0'.repeat(500)}3`].map((value) =>
    passes(
      `Content-Length ${value.slice(-4)} of ${value.length} digits is 3, and written so`,
      post(`Content-Length: ${value}\r\n`, 'abc'),
      post('Content-Length: 3\r\n', 'abc'),
    ),
  ),
  refused('Content-Length before Transfer-Encoding is 400', post(`Content-Length: 3\r\n${chunked}`, '0\r\n\r\n')),
  refused('Transfer-Encoding before Content-Length is 400', post(`${chunked}Content-Length: 3\r\n`, '0\r\n\r\n')),
  refused('two different Content-Length are 400', post('Content-Length: 3\r\nContent-Length: 4\r\n', 'abcd')),
  refused('two equal Content-Length are 400', post('Content-Length: 3\r\ncontent-length: 3\r\n', 'abc')),
  ...[
    '+3',
    '-3',
    '3,3',
    '3, 3',
    '0x3',
    '3 3',
    '',
    '3.0',
    '1e3',
    '9007199254740992',
    '99999999999999999999',
    'abc',
    '３',
  ].map((value) =>
    refused(`Content-Length ${JSON.stringify(value)} is 400`, post(`Content-Length: ${value}\r\n`, 'abc')),
  ),
  ...['gzip', 'identity', 'xchunked', 'chunkedx', '"chunked"', 'gzip, chunked', 'gzip,chunked', 'chunked;q=1', ''].map(
    (value) =>
      refused(
        `Transfer-Encoding ${JSON.stringify(value)} is 501`,
        post(`Transfer-Encoding: ${value}\r\n`, '0\r\n\r\n'),
        501,
      ),
  ),
  ...['chunked, gzip', 'chunked, identity', 'chunked, chunked', 'chunked,'].map((value) =>
    refused(`Transfer-Encoding ${JSON.stringify(value)} is 400`, post(`Transfer-Encoding: ${value}\r\n`, '0\r\n\r\n')),
  ),
  refused('two Transfer-Encoding chunked are 400', post(chunked + chunked, '0\r\n\r\n')),
  passes(
    'Transfer-Encoding is known in any case',
    post('tRANSFER-eNCODING: CHUNKED\r\n', '0\r\n\r\n'),
    post(chunked, '0\r\n\r\n'),
  ),
  passes(
    'white space around chunked is no part of it',
    post('Transfer-Encoding: \tchunked \t\r\n', '0\r\n\r\n'),
    post(chunked, '0\r\n\r\n'),
  ),
  refused('Transfer-Encoding with a vertical tab is 400', post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n')),
  refused(
    'white space before the colon of Transfer-Encoding is 400',
    post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
  ),
  refused('Transfer-Encoding in HTTP/1.0 is 400', `POST /a HTTP/1.0\r\nHost: x\r\n${chunked}\r\n0\r\n\r\n`),
  ...['\t', '\x0b3', '3\x0c', '3;', '3 ', '03,3', '١', '9007199254740993', '18446744073709551616', '-0', '3_0', '0b11']
    .filter((value) => value.trim() === value && value !== '')
    .map((value) =>
      refused(`Content-Length ${JSON.stringify(value)} is 400 too`, post(`Content-Length: ${value}\r\n`, 'abc')),
    ),
  passes(
    'Content-Length is known in any case',
    post('cONTENT-lENGTH: 3\r\n', 'abc'),
    post('Content-Length: 3\r\n', 'abc'),
  ),
  passes(
    'white space around Content-Length is no part of it',
    post('Content-Length: \t3\t \r\n', 'abc'),
    post('Content-Length: 3\r\n', 'abc'),
  ),
  refused(
    'three Content-Length are 400',
    post('Content-Length: 3\r\nContent-Length: 3\r\nContent-Length: 3\r\n', 'abc'),
  ),
  refused(
    'Content-Length in the name of another field does not hide one',
    post('X-Content-Length: 3\r\nContent-Length: x\r\n', 'abc'),
  ),
  refused('chunked then gzip in a second field is 400', post(`${chunked}Transfer-Encoding: gzip\r\n`, '0\r\n\r\n')),
  refused(
    'gzip then chunked in a second field is 501',
    post(`Transfer-Encoding: gzip\r\n${chunked}`, '0\r\n\r\n'),
    501,
  ),
  ...['chun\x00ked', 'chunked\x7f', 'chunked\x1f'].map((value) =>
    refused(`Transfer-Encoding ${JSON.stringify(value)} is 400`, post(`Transfer-Encoding: ${value}\r\n`, '0\r\n\r\n')),
  ),
  ...['chunked;', 'chunked ;a', 'CHUNKED x', "'chunked'", 'ch unked', 'chünked'].map((value) =>
    refused(
      `Transfer-Encoding ${JSON.stringify(value)} is 501`,
      post(`Transfer-Encoding: ${value}\r\n`, '0\r\n\r\n'),
      501,
    ),
  ),
  refused('Transfer-Encoding of GET counts as much', get('Transfer-Encoding: gzip\r\n'), 501),
  passes('a body of GET passes', 'GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb'),
  refused('both framings of GET are 400', get(`Content-Length: 0\r\n${chunked}`)),
];
