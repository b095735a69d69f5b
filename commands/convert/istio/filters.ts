import { readMilliseconds } from '../duration.ts';
import type { Reading } from '../reading.ts';
import type { Filter, Match, PathModifier, Redirect } from '../route.ts';
import { type Destinations, readDestination } from './destinations.ts';

/** A redirect; Istio's puts its uri in place of the whole path. */
export function readRedirect(read: Reading): Redirect | undefined {
  if (!read.isGiven) return undefined;
  const uri = read.at('uri');
  const path = uri.text();
  if (path?.includes('%') === true) uri.lost("Envoy's variables mean nothing here");
  const authority = read.at('authority').text()?.split(':') ?? [];
  const scheme = read.at('scheme').text();
  const port = read.at('port').number() ?? (authority[1] === undefined ? undefined : Number(authority[1]));
  return {
    ...(scheme !== undefined && { scheme }),
    ...(authority[0] !== undefined && { hostname: authority[0] }),
    ...(port !== undefined && { port }),
    ...(path !== undefined && { path: { type: 'ReplaceFullPath', replaceFullPath: path } }),
    statusCode: read.at('redirectCode').number() ?? 301,
  };
}

/** A rewrite, which replaces the prefix that was matched, or else the whole path. */
export function readRewrite(read: Reading, { path }: Match): readonly Filter[] {
  const uri = read.at('uri').text();
  const hostname = read.at('authority').text();
  read.at('uriRegexRewrite').lost('no route puts groups of an expression together');
  if (uri === undefined && hostname === undefined) return [];
  const isPrefix = path === undefined || path.type === 'PathPrefix';
  const modifier: PathModifier | undefined =
    uri === undefined
      ? undefined
      : isPrefix
        ? { type: 'ReplacePrefixMatch', replacePrefixMatch: uri }
        : { type: 'ReplaceFullPath', replaceFullPath: uri };
  const urlRewrite = { ...(hostname !== undefined && { hostname }), ...(modifier !== undefined && { path: modifier }) };
  return [{ type: 'URLRewrite', urlRewrite }];
}

/** Mirrors, the one of `mirror` and those of `mirrors`. */
export function readMirrors(destinations: Destinations, http: Reading): readonly Filter[] {
  const one = http.at('mirror');
  const percent = http.at('mirrorPercentage').at('value').number() ?? http.at('mirrorPercent').number();
  return [
    ...(one.isGiven ? mirror(destinations, one, percent) : []),
    ...http
      .at('mirrors')
      .items()
      .flatMap((item) => mirror(destinations, item.at('destination'), item.at('percentage').at('value').number())),
  ];
}

function mirror(destinations: Destinations, read: Reading, percent = 100): readonly Filter[] {
  const backendRef = readDestination(destinations, read);
  if (backendRef === undefined) return [];
  const share = Number.isInteger(percent)
    ? percent === 100
      ? {}
      : { percent }
    : { fraction: { numerator: Math.round(percent * 1000), denominator: 100_000 } };
  return [{ type: 'RequestMirror', requestMirror: { backendRef, ...share } }];
}

/** CORS; origins must be exact. */
export function readCorsPolicy(read: Reading): readonly Filter[] {
  if (!read.isGiven) return [];
  const origins = [...read.at('allowOrigin').texts()];
  for (const origin of read.at('allowOrigins').items()) {
    const exact = origin.at('exact').text();
    if (exact !== undefined) origins.push(exact);
    else if (origin.at('regex').text() === '.*') origins.push('*');
    else origin.lost('an origin is written out, or begins with *. before its name');
  }
  const milliseconds = readMilliseconds(read.at('maxAge'));
  const lists = Object.fromEntries(
    ['allowMethods', 'allowHeaders', 'exposeHeaders']
      .map((name) => [name, read.at(name).texts()] as const)
      .filter(([, values]) => values.length > 0),
  );
  const allowCredentials = read.at('allowCredentials').flag();
  return [
    {
      type: 'CORS',
      cors: {
        allowOrigins: origins,
        ...(allowCredentials !== undefined && { allowCredentials }),
        ...lists,
        ...(milliseconds !== undefined && { maxAge: Math.round(milliseconds / 1000) }),
      },
    },
  ];
}
