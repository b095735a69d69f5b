import { passes, refused, type RequestVector } from '../requestVector.ts';

/** http-safety rules 5 and 9: the request line. */
export const requestLine: readonly RequestVector[] = [
  refused('two spaces behind the method are 400', 'GET  /a HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('two spaces behind the target are 400', 'GET /a  HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a tab instead of a space is 400', 'GET\t/a HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a space behind the version is 400', 'GET /a HTTP/1.1 \r\nHost: x\r\n\r\n'),
  refused('a request without version (HTTP/0.9) is 400', 'GET /a\r\n\r\n'),
  refused('lower case http/1.1 is 400', 'GET /a http/1.1\r\nHost: x\r\n\r\n'),
  refused('HTTP/1.10 is 400', 'GET /a HTTP/1.10\r\nHost: x\r\n\r\n'),
  ...['0.9', '1.2', '1.9', '2.0', '3.0', '9.9'].map((version) =>
    refused(`HTTP/${version} is 505`, `GET /a HTTP/${version}\r\nHost: x\r\n\r\n`, 505),
  ),
  refused('a method that is no token is 400', 'G(T /a HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('a method that nobody knows passes', 'BREW /a HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('CONNECT is 405', 'CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n', 405),
  refused('a fragment in the target is 400', 'GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('an 8-bit character in the target is 400', 'GET /\xe9 HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a control character in the target is 400', 'GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('DEL in the target is 400', 'GET /a\x7f HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a target without slash is 400', 'GET a HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('* for GET is 400', 'GET * HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('* with a query is 400', 'OPTIONS *?a HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('OPTIONS * passes', 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('the path is not normalised', 'GET /a/../b//c/%2e%2E/./%zz?d=?/../&&e HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('an empty query stays', 'GET /a? HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('a target of 8192 bytes passes', `GET /${'a'.repeat(8191)} HTTP/1.1\r\nHost: x\r\n\r\n`),
  refused('a target of 8193 bytes is 414', `GET /${'a'.repeat(8192)} HTTP/1.1\r\nHost: x\r\n\r\n`, 414),
  refused('a target without end is 414', `GET /${'a'.repeat(20_000)}`, 414),
  ...Array.from('"(),/:;<=>?@[\\]{}\x7f\xe9').map((character) =>
    refused(`${JSON.stringify(character)} in a method is 400`, `G${character}T /a HTTP/1.1\r\nHost: x\r\n\r\n`),
  ),
  ...['X_Y', 'M-SEARCH', 'get', "A!#$%&'*+-.^_`|~0", 'M'.repeat(64)].map((method) =>
    passes(`the method ${method.slice(0, 20)} passes`, `${method} /a HTTP/1.1\r\nHost: x\r\n\r\n`),
  ),
  ...[65, 8000, 40_000].map((length) =>
    refused(`a method of ${length} letters is 501`, `${'M'.repeat(length)} /a HTTP/1.1\r\nHost: x\r\n\r\n`, 501),
  ),
  refused('a method of 65 letters that goes on is 501', 'M'.repeat(100), 501),
  ...[' ', '\t', '\x7f', '\x80', '\xff', '\x1f'].map((character) =>
    refused(`${JSON.stringify(character)} in the target is 400`, `GET /a${character}b HTTP/1.1\r\nHost: x\r\n\r\n`),
  ),
  ...Array.from('!$&\'()*+,-.;=@_~:|<>[]{}^`"\\').map((character) =>
    passes(`${character} in the target passes`, `GET /a${character}b HTTP/1.1\r\nHost: x\r\n\r\n`),
  ),
  ...['HTTP/1', 'HTTP/11', 'HTTP/1.', 'HTTP/.1', 'HTTP/1.1.1', 'HTTP 1.1', 'HTTPS/1.1', 'ICY/1.1', 'HTTP/1,1'].map(
    (version) => refused(`the version ${version} is 400`, `GET /a ${version}\r\nHost: x\r\n\r\n`),
  ),
  refused('CONNECT of a path is 405 too', 'CONNECT /a HTTP/1.1\r\nHost: x\r\n\r\n', 405),
  passes('connect in lower case is another method', 'connect /a HTTP/1.1\r\nHost: x\r\n\r\n'),
  passes('HTTP/1.0 passes as HTTP/1.1', 'GET /a HTTP/1.0\r\nHost: x\r\n\r\n', 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n'),
];
