import { get, passes, post, refused, type RequestVector } from '../requestVector.ts';

const kept = (title: string, lines: string, sees = ''): RequestVector => passes(title, get(lines), get(sees));

/** http-safety rules 11 and 12: what belongs to one connection only. */
export const hopByHop: readonly RequestVector[] = [
  kept('Keep-Alive goes no further', 'Keep-Alive: timeout=5\r\n'),
  kept('Proxy-Connection goes no further', 'Proxy-Connection: keep-alive\r\n'),
  kept('Upgrade goes no further', 'Connection: upgrade\r\nUpgrade: websocket\r\n'),
  kept('an Upgrade that Connection does not name goes no further', 'Upgrade: h2c\r\n'),
  kept('TE: trailers goes on', 'TE: trailers\r\n', 'TE: trailers\r\n'),
  kept('so it does among others', 'TE: gzip;q=0.5 , Trailers\t, deflate\r\n', 'TE: trailers\r\n'),
  kept('and in a second field', 'TE: gzip\r\nTE: trailers\r\n', 'TE: trailers\r\n'),
  ...['x-trailers', 'trailers-x', 'trailers;q=1', 'trailers x', '"trailers"', 'trailersx', 'gzip', ''].map((value) =>
    kept(`TE: ${value} does not`, `TE: ${value}\r\n`),
  ),
  kept('what Connection names goes no further', 'Connection: A, b\r\na: 1\r\nB: 2\r\nC: 3\r\n', 'C: 3\r\n'),
  kept('in a second Connection too', 'Connection: a\r\nA: 1\r\nConnection: b\r\nB: 2\r\n'),
  kept(
    'Authorization stays, though Connection names it',
    'Connection: authorization\r\nAuthorization: a\r\n',
    'Authorization: a\r\n',
  ),
  passes(
    'Content-Length stays, though Connection names it',
    post('Connection: content-length\r\nContent-Length: 3\r\n', 'abc'),
    post('Content-Length: 3\r\n', 'abc'),
  ),
  kept('Host stays, though Connection names it', 'Connection: host\r\n'),
  ...['tea', '100-continue, tea', '100-continu', 'x100-continue', '']
    .filter(Boolean)
    .map((value) => refused(`Expect: ${value} is 417`, get(`Expect: ${value}\r\n`), 417)),
  ...['heddle-probe', 'heddle-resend', 'Heddle-X'].map((name) =>
    kept(`${name} of a client goes no further`, `${name}: a\r\n`),
  ),
];
