import { get, type HeadVector, long, many, passes, refused } from './requestVector.ts';

/** RFC 9113 section 8.2.3, and what else is told of fields. */
export const others: readonly HeadVector[] = [
  passes('pieces of a cookie are one', `${get}cookie: a=b\nx: y\ncookie: c=d\ncookie: e=f\n`, {}, [
    'x: y',
    'cookie: a=b; c=d; e=f',
  ]),
  passes('a whole cookie stays', `${get}cookie: a=b; c=d\n`, {}, ['cookie: a=b; c=d']),
  passes('200 pieces of a cookie are one field', `${get}${'cookie: a\n'.repeat(200)}`, {}, [
    `cookie: ${'a; '.repeat(199)}a`,
  ]),
  refused('a piece of a cookie is held to the rules of a value', 'fieldValue', `${get}cookie: a\ncookie: b\x01\n`),
  ...Array.from({ length: 12 }, (_, at) => `heddle-${'a'.repeat(at)}`).map((name) =>
    passes(`a field of ours, of ${name.length} letters, is told`, `${get}${name}: b\n`, { hasOwnFields: true }, [
      `${name}: b`,
    ]),
  ),
  passes('empty pieces of a cookie are none', `${get}cookie: \ncookie: a\ncookie: \ncookie: b\ncookie: \n`, {}, [
    'cookie: a; b',
  ]),
  passes('fields of ours are told', `${get}heddle-a: b\n`, { hasOwnFields: true }, ['heddle-a: b']),
  passes('gRPC is told', `${get}content-type: application/grpc+proto\n`, { isRPC: true }, [
    'content-type: application/grpc+proto',
  ]),
  passes('a trace is told', `${get}traceparent: 00\n`, { isTraced: true }, ['traceparent: 00']),
  passes('a name as long as that tells of no trace', `${get}trace-state: 00\n`, {}, ['trace-state: 00']),
  passes('gRPC-Web is no gRPC', `${get}content-type: application/grpc-web\n`, {}, [
    'content-type: application/grpc-web',
  ]),
  passes('a field that is never to be indexed', `${get}!a: b\nc: d\n`, {}, ['!a: b', 'c: d']),
  passes('a cookie of which a piece is never to be indexed', `${get}cookie: a\n!cookie: b\n`, {}, ['!cookie: a; b']),
  passes('100 fields', `${get}${many(100)}`, {}, many(100).trim().split('\n')),
  refused('101 fields', 'tooManyFields', `${get}${many(101)}`),
  passes('a field of 60 KB', `${get}a: ${long(60_000)}\n`, {}, [`a: ${long(60_000)}`]),
  refused('more than a head may have', 'headTooLarge', `${get}a: ${long(69_000)}\n`),
  refused('the same in many fields', 'headTooLarge', `${get}${`a: ${long(1000)}\n`.repeat(68)}`),
  refused('the same in pieces of a cookie', 'headTooLarge', `${get}${'cookie: a\n'.repeat(2000)}`),
  refused('what is wrong first counts', 'fieldName', `${get}A: b\ntransfer-encoding: chunked\n${many(101)}`),
];
