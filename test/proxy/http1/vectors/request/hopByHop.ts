import { get, passes, post, refused, type RequestVector } from '../requestVector.ts';

const kept = (title: string, lines: string, sees = ''): RequestVector => passes(title, get(lines), get(sees));

/** http-safety rules 11 and 12: what belongs to one connection only. */
export const hopByHop: readonly RequestVector[] = [
  kept('Keep-Alive goes no further', 'Keep-Alive: timeout=5\r\n'),
  kept('Proxy-Connection goes no further', 'Proxy-Connection: keep-alive\r\n'),
  ...['websocket', 'WebSocket', 'a/1.0', 'a, b', 'TLS/1.2'].map((protocols) =>
    kept(
      `Upgrade: ${protocols} goes on`,
      `Upgrade: ${protocols}\r\nConnection: a, Upgrade\r\nA: b\r\n`,
      `Upgrade: ${protocols}\r\nConnection: Upgrade\r\n`,
    ),
  ),
  kept(
    'two fields of Upgrade go on as one',
    'Connection: UPGRADE\r\nUpgrade: a\r\nUpgrade:b,,c\r\n',
    'Upgrade: a, b, c\r\nConnection: Upgrade\r\n',
  ),
  kept(
    'of several only h2c is left out',
    'Connection: upgrade, http2-settings\r\nHTTP2-Settings: a\r\nUpgrade: h2c, websocket\r\n',
    'Upgrade: websocket\r\nConnection: Upgrade\r\n',
  ),
  ...['h2c', 'H2C', 'h2', 'HTTP/2.0', 'http/1.1', 'h2c/1', 'https'].map((protocols) =>
    kept(
      `Upgrade: ${protocols} goes no further`,
      `Connection: upgrade\r\nUpgrade: ${protocols}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n`,
    ),
  ),
  kept('nor an Upgrade without a protocol', 'Connection: upgrade\r\nUpgrade: , \r\n'),
  kept('nor one that Connection does not name', 'Upgrade: websocket\r\n'),
  kept('Connection: upgrade without an Upgrade goes no further', 'Connection: upgrade\r\n'),
  passes(
    'an Upgrade in HTTP/1.0 goes no further',
    'GET /a HTTP/1.0\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    get(''),
  ),
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
