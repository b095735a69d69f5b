import { refusals } from '../../proxy/message/refusal.ts';
import { prefix } from './filterCases.ts';
import type { PodOptions } from './mesh.ts';
import { routeObject, type Service } from './objects.ts';

const bad = { apps: [['rawApp.ts', '8080', 'misbehaves']] };

/** Clients with settings of their own, and endpoints that do well, badly, or nothing. */
export const pods: Readonly<Record<string, PodOptions>> = {
  client: { node: 'a' },
  hasty: { node: 'a', apps: [], env: { HEDDLE_HEADER_TIMEOUT_MS: '500', HEDDLE_PROGRESS_TIMEOUT_MS: '1000' } },
  held: { node: 'a', apps: [], env: { HEDDLE_MAX_HELD_BYTES: '1048576' } },
  web: { node: 'b', apps: [['app.ts', 'web', '8080', '8081', '8082']] },
  bad: { node: 'b', ...bad },
  dead: { node: 'b', apps: [] },
};

const http = { portName: 'http', pods: ['web'] };

export const services: readonly Service[] = [
  { ...http, name: 'web', ip: 1 },
  { ...http, name: 'bare', ip: 2 },
  { ...http, name: 'bad', ip: 3, pods: ['bad'] },
  { ...http, name: 'dead', ip: 4, pods: ['dead'] },
  { ...http, name: 'empty', ip: 5, pods: [] },
  { ...http, name: 'unready', ip: 6, unready: ['web'] },
  { ...http, name: 'local', ip: 7, spec: { internalTrafficPolicy: 'Local' } },
  {
    ...http,
    name: 'narrow',
    ip: 8,
    targetPort: 8081,
    annotations: { 'heddle.dev/max-connections': '1', 'heddle.dev/max-waiting-requests': '0' },
  },
  { ...http, name: 'queue', ip: 9, targetPort: 8082, annotations: { 'heddle.dev/max-connections': '1' } },
  { ...http, name: 'database', ip: 10, protocol: 'UDP' },
];

const to = (name: string, more: object = {}): object => ({ backendRefs: [{ name, port: 80, ...more }] });
const on = (path: string, more: object): object => ({ matches: [prefix(path)], ...more });
const within = (request: string): object => ({ timeouts: { request } });

export const routes = [
  routeObject({
    parent: 'web',
    rules: [
      on('/status', to('web')),
      on('/absent', to('absent')),
      on('/kind', to('web', { group: 'example.com', kind: 'Bucket' })),
      on('/far', to('web', { namespace: 'bank' })),
      on('/database', to('database')),
      on('/weightless', to('web', { weight: 0 })),
      on('/extension', {
        ...to('web'),
        filters: [{ type: 'ExtensionRef', extensionRef: { group: 'a', kind: 'b', name: 'c' } }],
      }),
      on('/slow', { ...to('web'), ...within('1s') }),
      on('/slow/60001', { ...to('web'), timeouts: { request: '10s', backendRequest: '1s' } }),
      on('/busy', { ...to('web'), ...within('3s'), retry: { codes: [503], attempts: 3, backoff: '30s' } }),
      on('/digest', { ...to('web'), ...within('1s') }),
      on('/bytes', { ...to('web'), ...within('2s') }),
    ],
  }),
  routeObject({ parent: 'queue', rules: [on('/', to('queue')), on('/waits', { ...to('queue'), ...within('300ms') })] }),
];

const host = 'Host: a\r\n';
const upload = (framing: string, body: string): string => `POST / HTTP/1.1\r\n${host}${framing}\r\n\r\n${body}`;

/** What breaks a rule of HTTP, by the status that it gets. */
export const broken: readonly (readonly [status: number, bytes: string])[] = [
  [400, `GET  / HTTP/1.1\r\n${host}\r\n`],
  [400, `GET /a#b HTTP/1.1\r\n${host}\r\n`],
  [400, 'GET / HTTP/1.1\r\n\r\n'],
  [400, `GET / HTTP/1.1\r\n${host}X: a\rb\r\n\r\n`],
  [400, `GET / HTTP/1.1\r\n${host}X : a\r\n\r\n`],
  [400, `GET / HTTP/1.1\r\n${host}X: a\x01\r\n\r\n`],
  [400, `GET / HTTP/1.1\r\n${host}X: a\n\r\n\r\n`],
  [400, `GET / HTTP/1.1\r\n${host}\0: a\r\n\r\n`],
  [400, `GET / HTTP/1.1\n${host}\r\n`],
  [400, upload('Content-Length: 1, 2', 'ab')],
  [400, upload('Content-Length: 2\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
  [400, upload('Transfer-Encoding: chunked, chunked', '0\r\n\r\n')],
  [400, `POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  [400, upload('Transfer-Encoding: chunked', 'x\r\n')],
  [400, upload('Transfer-Encoding: chunked', '0\r\nA b\r\n\r\n')],
  [405, `CONNECT a:80 HTTP/1.1\r\n${host}\r\n`],
  [414, `GET /${'a'.repeat(9000)} HTTP/1.1\r\n${host}\r\n`],
  [417, upload('Expect: the-unexpected\r\nContent-Length: 1', 'a')],
  [431, `GET / HTTP/1.1\r\n${host}X: ${'a'.repeat(70_000)}\r\n\r\n`],
  [431, `GET / HTTP/1.1\r\n${host}${'X: a\r\n'.repeat(101)}\r\n`],
  [431, `GET / HTTP/1.1\r\n${host}Connection: ${'a, '.repeat(40)}b\r\n\r\n`],
  [501, `${'A'.repeat(70)} / HTTP/1.1\r\n${host}\r\n`],
  [501, upload('Transfer-Encoding: gzip, chunked', '0\r\n\r\n')],
  [505, `GET / HTTP/3.0\r\n${host}\r\n`],
];

/** What is found out elsewhere where a head comes in pieces, and how that is said. */
export const brokenInPieces: readonly (readonly [said: string, bytes: string])[] = [
  [refusals.character.message, `GET /pieces HTTP/1.1\r\n${host}X: a\rb\r\n\r\n`],
  [refusals.lineEnd.message, `GET /pieces HTTP/1.1\r\n${host}X: a\n\r\n\r\n`],
];
