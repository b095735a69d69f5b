import test from 'ava';
import type { Redirect } from '../../../routing/model.ts';
import { type RedirectRequest, redirectLocation } from '../../../routing/filters/redirect.ts';

type Row = [sentence: string, redirect: Partial<Redirect>, request: Partial<RedirectRequest>, location: string];

const rows: readonly Row[] = [
  ['A hostname replaces the host', { hostname: 'b.example' }, {}, 'http://b.example/foo/bar'],
  ['Without a hostname the host is kept', { path: full('/x') }, {}, 'http://a.example/x'],
  ['The query is kept', { hostname: 'b.example' }, { query: 'q=1&r=%20' }, 'http://b.example/foo/bar?q=1&r=%20'],
  ['The query is kept when the path is replaced', { path: full('/x') }, { query: 'q' }, 'http://a.example/x?q'],
  ['A prefix is replaced', { path: { type: 'ReplacePrefixMatch', value: '/x' } }, {}, 'http://a.example/x/bar'],
  [
    'A prefix replaced by / leaves one slash',
    { path: { type: 'ReplacePrefixMatch', value: '/' } },
    {},
    'http://a.example/bar',
  ],
  [
    'A scheme brings its own port, which is left out',
    { scheme: 'https' },
    { listenerPort: 8080 },
    'https://a.example/foo/bar',
  ],
  ['The scheme of the request counts as given', { scheme: 'http' }, { listenerPort: 8080 }, 'http://a.example/foo/bar'],
  [
    'Without a scheme the listener port is kept',
    { path: full('/x') },
    { listenerPort: 8080 },
    'http://a.example:8080/x',
  ],
  ['Port 80 is left out for http', { port: 80 }, { listenerPort: 8080 }, 'http://a.example/foo/bar'],
  [
    'Port 443 is left out for https',
    { port: 443 },
    { scheme: 'https', listenerScheme: 'https' },
    'https://a.example/foo/bar',
  ],
  ['Port 443 stays for http', { port: 443 }, {}, 'http://a.example:443/foo/bar'],
  ['Port 80 stays for https', { scheme: 'https', port: 80 }, {}, 'https://a.example:80/foo/bar'],
  [
    'A port replaces that of the authority',
    { port: 8443 },
    { authority: 'a.example:8080' },
    'http://a.example:8443/foo/bar',
  ],
  [
    'The port of the authority does not count',
    { path: full('/x') },
    { authority: 'a.example:9' },
    'http://a.example/x',
  ],
  [
    'A listener on 443 with https leaves it out',
    { path: full('/x') },
    { scheme: 'https', listenerPort: 443, listenerScheme: 'https' },
    'https://a.example/x',
  ],
  // What a client says of an https resource to a listener that speaks plain text: `GET https://a.example/foo/bar HTTP/1.1`.
  ...(
    [
      [{}, 'a.example', 80, 'https://a.example'],
      [{}, 'a.example', 8080, 'https://a.example'],
      [{}, 'a.example:443', 80, 'https://a.example'],
      [{}, 'a.example:8443', 80, 'https://a.example:8443'],
      [{}, 'a.example:80', 80, 'https://a.example:80'],
      [{}, 'a.example:', 80, 'https://a.example'],
      [{}, '[fd00::1]', 80, 'https://[fd00::1]'],
      [{}, '[fd00::1]:8443', 80, 'https://[fd00::1]:8443'],
      [{ hostname: 'b.example' }, 'a.example:8443', 80, 'https://b.example:8443'],
      [{ hostname: 'b.example' }, 'a.example', 8080, 'https://b.example'],
      [{ port: 80 }, 'a.example', 80, 'https://a.example:80'],
      [{ port: 443 }, 'a.example:8443', 8080, 'https://a.example'],
      [{ scheme: 'https' }, 'a.example:8443', 80, 'https://a.example'],
      [{ scheme: 'http' }, 'a.example:8443', 8080, 'http://a.example'],
      [{ scheme: 'http', port: 8080 }, 'a.example:8443', 80, 'http://a.example:8080'],
    ] as const
  ).map(([redirect, authority, listenerPort, place]): Row => [
    `To a plain listener on ${listenerPort}, https://${authority}, ${JSON.stringify(redirect)}`,
    redirect,
    { scheme: 'https', authority, listenerPort },
    `${place}/foo/bar`,
  ]),
  // And the reverse, of which HTTP/2 over TLS is capable by its :scheme.
  ...(
    [
      ['a.example', 'http://a.example'],
      ['a.example:443', 'http://a.example:443'],
      ['a.example:8080', 'http://a.example:8080'],
    ] as const
  ).map(([authority, place]): Row => [
    `To a listener on 443 that ends TLS, http://${authority}`,
    {},
    { scheme: 'http', authority, listenerPort: 443, listenerScheme: 'https' },
    `${place}/foo/bar`,
  ]),
  // HTTPRouteRedirectPortAndScheme of the gateway's suite at a listener that ends TLS, which the mesh has not.
  ...(
    [
      [{}, 'https://a.example'],
      [{ port: 443 }, 'https://a.example'],
      [{ port: 8443 }, 'https://a.example:8443'],
      [{ scheme: 'http' }, 'http://a.example'],
      [{ scheme: 'http', port: 80 }, 'http://a.example'],
      [{ scheme: 'http', port: 8080 }, 'http://a.example:8080'],
    ] as const
  ).map(([redirect, place]): Row => [
    `From a listener on 443, ${JSON.stringify(redirect)}`,
    redirect,
    { scheme: 'https', listenerPort: 443, listenerScheme: 'https' },
    `${place}/foo/bar`,
  ]),
  ['A colon without a port is none', { path: full('/x') }, { authority: 'a.example:' }, 'http://a.example/x'],
  ['An IPv6 host keeps its brackets', { port: 81 }, { authority: '[fd00::1]:80' }, 'http://[fd00::1]:81/foo/bar'],
  ['An IPv6 host without port is kept', { path: full('/x') }, { authority: '[fd00::1]' }, 'http://[fd00::1]/x'],
  ['An empty query is kept', { path: full('/x') }, { query: '' }, 'http://a.example/x?'],
  [
    'A path of the request that begins with // stays behind the host',
    {},
    { path: '//evil/x' },
    'http://a.example//evil/x',
  ],
  ['* is no path', { scheme: 'https', path: full('/x') }, { path: '*' }, 'https://a.example'],
];

for (const [sentence, redirect, request, location] of rows) {
  test(sentence, (t) => {
    const whole = {
      scheme: 'http',
      authority: 'a.example',
      path: '/foo/bar',
      query: undefined,
      listenerPort: 80,
      listenerScheme: 'http',
    } as const;
    const filter: Redirect = { type: 'RequestRedirect', statusCode: 302, ...redirect };
    t.is(redirectLocation(filter, { ...whole, ...request }, '/foo'), location);
  });
}

function full(value: string) {
  return { type: 'ReplaceFullPath', value } as const;
}
