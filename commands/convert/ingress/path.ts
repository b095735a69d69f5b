import { checkExpression } from '../expression.ts';
import type { Reading } from '../reading.ts';
import type { Filter, Match, PathModifier, Rule } from '../route.ts';
import type { Annotations } from './annotations.ts';

type Matched = { readonly match: Match; readonly filters: readonly Filter[] };

/** The match of a path of an Ingress, and what its rewrite makes of it. Undefined, and told, where no match says it. */
export function matchPath(path: Reading, { usesRegex, rewrite, upstreamHost }: Annotations): Matched | undefined {
  const type = path.at('pathType').text() ?? 'ImplementationSpecific';
  const written = path.at('path');
  const value = written.text() ?? '/';
  const captured = rewrite === undefined ? undefined : capture(value, rewrite.target);
  if (captured !== undefined) {
    if (captured.wantsMore)
      written.note(`${captured.prefix} itself is matched too: a PathPrefix counts whole elements`);
    return { match: prefix(captured.prefix), filters: rewriteTo(captured.replacement, upstreamHost) };
  }
  const isExpression = usesRegex || (rewrite !== undefined && /[$^*()[\]|\\]/.test(value));
  if (isExpression) {
    if (rewrite !== undefined && /\$\d/.test(rewrite.target)) {
      rewrite.read.lost(`of path ${value}: no route puts groups of an expression together; the path is left out`);
      return undefined;
    }
    const whole = value.endsWith('$') ? value.slice(0, -1) : `${value}.*`;
    const expression = checkExpression(written, `(?i)${whole}`);
    if (expression === undefined) return undefined;
    const match = { path: { type: 'RegularExpression', value: expression } } as const;
    return { match, filters: rewriteTo(rewrite && full(rewrite.target), upstreamHost) };
  }
  const match = type === 'Exact' ? ({ path: { type: 'Exact', value } } as const) : prefix(value);
  if (type === 'ImplementationSpecific' && value !== '/' && !value.endsWith('/'))
    written.note(`${value} does not match ${value}x: a PathPrefix counts whole elements`);
  // Without groups nginx puts the target in place of the whole path.
  return { match, filters: rewriteTo(rewrite && full(rewrite.target), upstreamHost) };
}

/** `/pay(/|$)(.*)` with `/$2`, and its like: what is common to all of them is that the prefix is replaced. */
function capture(
  path: string,
  target: string,
): { readonly prefix: string; readonly replacement: PathModifier; readonly wantsMore: boolean } | undefined {
  const forms = [
    /^(?<before>\/[\w./-]*?)\/?\((?:\/\|\$|\/\|%24)\)\(\.[*+]\)\$?$/,
    /^(?<before>\/[\w./-]*?)\/\??\(\.[*+]\)\$?$/,
  ];
  for (const [index, form] of forms.entries()) {
    const { before } = form.exec(path)?.groups ?? {};
    const { to } = new RegExp(`^(?<to>/[\\w./-]*?)/?\\$${index === 0 ? 2 : 1}$`).exec(target)?.groups ?? {};
    if (before === undefined || to === undefined) continue;
    const replacePrefixMatch = to === '' ? '/' : to;
    const replacement = { type: 'ReplacePrefixMatch', replacePrefixMatch } as const;
    return { prefix: before === '' ? '/' : before, replacement, wantsMore: index === 1 && before !== '' };
  }
  return undefined;
}

function prefix(value: string): Match {
  return { path: { type: 'PathPrefix', value } };
}

function full(target: string): PathModifier {
  return { type: 'ReplaceFullPath', replaceFullPath: target };
}

function rewriteTo(path: PathModifier | undefined, hostname: string | undefined): readonly Filter[] {
  if (path === undefined && hostname === undefined) return [];
  const urlRewrite = { ...(hostname !== undefined && { hostname }), ...(path !== undefined && { path }) };
  return [{ type: 'URLRewrite', urlRewrite }];
}

/** What sends those who ask for the root to a page of the application's. */
export function redirectRoot(target: string): Rule {
  const requestRedirect = { path: full(target), statusCode: 302 };
  return {
    matches: [{ path: { type: 'Exact', value: '/' } }],
    filters: [{ type: 'RequestRedirect', requestRedirect }],
  };
}
