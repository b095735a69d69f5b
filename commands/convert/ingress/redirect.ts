import type { Reading } from '../reading.ts';
import type { Filter, Redirect } from '../route.ts';
import type { ReadAnnotation } from './annotation.ts';

/** The redirect that replaces all backends: permanent, or for now. */
export function readRedirect(of: ReadAnnotation): readonly Filter[] {
  const permanently = of('permanent-redirect');
  const code = of('permanent-redirect-code').numeral() ?? 301;
  const temporarily = of('temporal-redirect');
  const url = permanently.text() ?? temporarily.text();
  if (url === undefined) return [];
  const [annotation, statusCode] = permanently.isGiven ? [permanently, code] : [temporarily, 302];
  const target = redirectTo(annotation, url);
  return target === undefined ? [] : [{ type: 'RequestRedirect', requestRedirect: { ...target, statusCode } }];
}

function redirectTo(annotation: Reading, url: string): Redirect | undefined {
  const keepsPath = url.endsWith('$request_uri');
  const fixed = keepsPath ? url.slice(0, -'$request_uri'.length) : url;
  if (!URL.canParse(fixed) || fixed.includes('$')) {
    annotation.lost('a redirect has a whole URL, and no variable but $request_uri at its end');
    return undefined;
  }
  const { protocol, hostname, port, pathname, search, hash } = new URL(fixed);
  if (search + hash !== '') {
    annotation.lost('a redirect of a route cannot set a query or a fragment');
    return undefined;
  }
  return {
    scheme: protocol.slice(0, -1),
    hostname,
    ...(port !== '' && { port: Number(port) }),
    ...(!keepsPath && { path: { type: 'ReplaceFullPath', replaceFullPath: pathname } }),
  };
}
