import test from 'ava';
import type { CORS } from '../../../routing/model.ts';
import { ask } from '../peer.ts';
import {
  anyMethod,
  anyOrigin,
  anyWithCredentials,
  anyWithout,
  type Asks,
  filter,
  headers1And2,
  listed,
  plain,
  preflight,
  startCors,
} from './corsSample.ts';

type Row = readonly [sentence: string, cors: CORS, asks: Asks, answer: string, verdict: string];

const rows: readonly Row[] = [
  [
    'An exact origin is allowed',
    listed,
    { origin: 'https://www.foo.com', method: 'GET', headers: headers1And2 },
    `204 No Content
Access-Control-Allow-Origin: https://www.foo.com
Access-Control-Allow-Credentials: true
Vary: Origin
Access-Control-Allow-Methods: GET, OPTIONS
Access-Control-Allow-Headers: x-header-1, x-header-2
Access-Control-Expose-Headers: x-header-3, x-header-4
Access-Control-Max-Age: 3600
`,
    'preflight allowed',
  ],
  [
    'An origin of many labels before a wildcard is allowed, and the method that is safe',
    listed,
    { origin: 'https://xpto.www.bar.com', method: 'POST' },
    `204 No Content
Access-Control-Allow-Origin: https://xpto.www.bar.com
Access-Control-Allow-Credentials: true
Vary: Origin
Access-Control-Allow-Methods: GET, OPTIONS
Access-Control-Allow-Headers: x-header-1, x-header-2
Access-Control-Expose-Headers: x-header-3, x-header-4
Access-Control-Max-Age: 3600
`,
    'preflight allowed',
  ],
  [
    'Another origin is refused',
    listed,
    { origin: 'https://foobar.com', method: 'GET' },
    `403 Forbidden
Vary: Origin
Content-Type: text/plain; charset=utf-8
Content-Length: 91

heddle: 403 the CORS filter of the rule does not allow this origin: add it to allowOrigins
`,
    'preflight: origin not allowed',
  ],
  [
    'A method that is not listed is for the browser to refuse',
    listed,
    { origin: 'https://www.foo.com', method: 'DELETE', headers: headers1And2 },
    `204 No Content
Access-Control-Allow-Origin: https://www.foo.com
Access-Control-Allow-Credentials: true
Vary: Origin
Access-Control-Allow-Methods: GET, OPTIONS
Access-Control-Allow-Headers: x-header-1, x-header-2
Access-Control-Expose-Headers: x-header-3, x-header-4
Access-Control-Max-Age: 3600
`,
    'preflight: method not allowed',
  ],
  [
    'A header that is not listed, too',
    listed,
    { origin: 'https://www.foo.com', method: 'GET', headers: 'X-Header-1,authorization' },
    `204 No Content
Access-Control-Allow-Origin: https://www.foo.com
Access-Control-Allow-Credentials: true
Vary: Origin
Access-Control-Allow-Methods: GET, OPTIONS
Access-Control-Allow-Headers: x-header-1, x-header-2
Access-Control-Expose-Headers: x-header-3, x-header-4
Access-Control-Max-Age: 3600
`,
    'preflight: header not allowed',
  ],
  [
    'Any method is allowed by its name',
    anyMethod,
    { origin: 'https://www.foo.com', method: 'POST' },
    `204 No Content
Access-Control-Allow-Origin: https://www.foo.com
Vary: Origin, Access-Control-Request-Method
Access-Control-Allow-Methods: POST
Access-Control-Max-Age: 5
`,
    'preflight allowed',
  ],
  [
    'Any origin is allowed, with its port, and the answer is the same for all',
    anyOrigin,
    { origin: 'https://foobar.com:12345', method: 'PUT' },
    `204 No Content
Access-Control-Allow-Origin: *
Access-Control-Allow-Methods: PUT
Access-Control-Expose-Headers: *
Access-Control-Max-Age: 5
`,
    'preflight allowed',
  ],
  [
    'Everything with credentials is allowed by name, never by *',
    anyWithCredentials,
    { origin: 'https://other.foo.com', method: 'PUT', headers: headers1And2 },
    `204 No Content
Access-Control-Allow-Origin: https://other.foo.com
Access-Control-Allow-Credentials: true
Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers
Access-Control-Allow-Methods: PUT
Access-Control-Allow-Headers: x-header-1, x-header-2
Access-Control-Expose-Headers: x-a
Access-Control-Max-Age: 5
`,
    'preflight allowed',
  ],
  [
    'Everything without credentials, Authorization too, which * would not allow',
    anyWithout,
    { origin: 'null', method: 'patch', headers: 'authorization' },
    `204 No Content
Access-Control-Allow-Origin: *
Vary: Access-Control-Request-Method, Access-Control-Request-Headers
Access-Control-Allow-Methods: patch
Access-Control-Allow-Headers: authorization
Access-Control-Expose-Headers: *, x-a
Access-Control-Max-Age: 5
`,
    'preflight allowed',
  ],
  [
    'A filter that allows no origin refuses each',
    filter({}),
    { origin: 'https://a', method: 'GET' },
    `403 Forbidden
Vary: Origin
Content-Type: text/plain; charset=utf-8
Content-Length: 91

heddle: 403 the CORS filter of the rule does not allow this origin: add it to allowOrigins
`,
    'preflight: origin not allowed',
  ],
];

for (const [sentence, cors, asks, answer, verdict] of rows) {
  test(`Preflight: ${sentence}`, async (t) => {
    const { sidecar, server, port } = await startCors(t, { filters: [cors] });
    t.is(plain(await ask(port, preflight(asks))), answer.includes('\n\n') ? answer : `${answer}\n`);
    const [line] = await sidecar.logged(1);
    t.like(line, {
      cors: verdict,
      flags: undefined,
      endpoint: undefined,
      backend: undefined,
      route: 'HTTPRoute shop/cart',
    });
    t.is(server.requests.length, 0, 'no endpoint hears of it');
    t.deepEqual(await sidecar.leftovers(), []);
  });
}
