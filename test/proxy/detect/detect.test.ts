import test from 'ava';
import { detect, type Spoken } from '../../../proxy/detect/detect.ts';

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const vectors: readonly (readonly [title: string, bytes: string, Spoken | undefined])[] = [
  ['no bytes say nothing', '', undefined],
  ['a request line is HTTP/1', 'GET / HTTP/1.1\r\n', 'http1'],
  ['HTTP/1.0 is HTTP/1', 'GET / HTTP/1.0\r\n', 'http1'],
  ['a wrong version is for the HTTP/1 codec to refuse', 'GET / HTTP/9.9\r\n', 'http1'],
  ['a custom method is HTTP/1', 'BREW-COFFEE /pot HTTP/1.1\r\n', 'http1'],
  ['a request line that ends in a bare LF is for the codec to refuse', 'GET / HTTP/1.1\n', 'http1'],
  ['empty lines before a request line are no reason to doubt', '\r\n\r\nGET / HTTP/1.1\r\n', 'http1'],
  ['a CR alone may become an empty line', '\r', undefined],
  ['an empty line alone says nothing', '\r\n', undefined],
  ['a method alone says nothing', 'GET', undefined],
  ['half a request line says nothing', 'GET / HT', undefined],
  ['a request line that is too long is for the codec to refuse', `GET /${'a'.repeat(9000)}`, 'http1'],
  ['HTTP/0.9 is opaque', 'GET /\r\n', 'opaque'],
  ['SMTP is opaque', 'EHLO example.org\r\n', 'opaque'],
  ['Redis is opaque', '*1\r\n$4\r\nPING\r\n', 'opaque'],
  ['an inline Redis command is opaque', 'SET a b\r\n', 'opaque'],
  ['a long word is opaque', 'A'.repeat(70), 'opaque'],
  ['any token is a method', 'X_Y1 / HTTP/1.1\r\n', 'http1'],
  ['a long method is HTTP/1', `${'A'.repeat(33)} / HTTP/1.1\r\n`, 'http1'],
  ['a bare line end before a request line is for the codec to refuse', '\nGET / HTTP/1.1\r\n', 'http1'],
  ['so is a bare CR', '\rGET / HTTP/1.1\r\n', 'http1'],
  ['so is a mixture of them', '\r\n\nGET / HTTP/1.1\r\n', 'http1'],
  ['PostgreSQL is opaque', '\0\0\0\x08\x04\xd2\x16\x2f', 'opaque'],
  ['SSH is opaque', 'SSH-2.0-OpenSSH\r\n', 'opaque'],
  ['a NUL is opaque', '\0', 'opaque'],
  ['the HTTP/2 preface is HTTP/2', preface, 'http2'],
  ['the preface with frames is HTTP/2', `${preface}\0\0\0\x04\0`, 'http2'],
  ['half the preface says nothing', preface.slice(0, 16), undefined],
  ['PRI with something else is judged as a request line', 'PRI * HTTP/1.1\r\n', 'http1'],
  ...['\x16\x03\x01\x02\0\x01', '\x16\x03\x03\x40\0\x01', '\x16\x03\0\0\x01\x01', '\x16\x03\x04\0\xc8\x01\0\0\xc4'].map(
    (hello) => [`the record of a ClientHello, ${JSON.stringify(hello)}, is TLS`, hello, 'tls'] as const,
  ),
  ['less of it says nothing', '\x16\x03\x01\x02\0', undefined],
  ...[
    '\x16\x03\x16T /a HTTP/1.1\r\n',
    '\x16\x03\x01\x02\0\x02',
    '\x16\x03\x01\0\0\x01',
    '\x16\x03\x01\x40\x01\x01',
    '\x16\x03\x05\x02\0\x01',
  ].map((bytes) => [`${JSON.stringify(bytes)} only begins like TLS`, bytes, 'opaque'] as const),
  ['its first byte alone says nothing', '\x16', undefined],
  ['that byte with another version is opaque', '\x16\x09', 'opaque'],
];
for (const [title, bytes, detected] of vectors) {
  test(title, (t) => t.is(detect(Buffer.from(bytes, 'latin1')), detected));
}

test('more bytes never contradict what fewer have told', (t) => {
  for (const [, bytes, detected] of vectors) {
    for (let length = 1; length < bytes.length; length++) {
      const early = detect(Buffer.from(bytes.slice(0, length), 'latin1'));
      t.true(early === undefined || early === detected, JSON.stringify(bytes.slice(0, length)));
    }
  }
});
