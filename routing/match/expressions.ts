import { type Match, type Route, routeName, type Rule } from '../model.ts';
import { type RegularExpression, compileRegularExpression } from './regularExpression.ts';

/** The regular expressions of a route set by their pattern, each compiled once. */
export type Expressions = ReadonlyMap<string, RegularExpression>;

type Use = { readonly pattern: string; readonly place: string };

/** Compiles every pattern of the routes; the message for a wrong one names its route, rule and place. */
export function compileExpressions(
  routes: readonly Route[],
): { readonly ok: true; readonly expressions: Expressions } | { readonly ok: false; readonly message: string } {
  const expressions = new Map<string, RegularExpression>();
  for (const route of routes) {
    for (const rule of route.rules) {
      for (const { pattern, place } of rule.matches.flatMap(usesOf)) {
        if (expressions.has(pattern)) continue;
        const compiled = compileRegularExpression(pattern);
        if (!compiled.ok) return { ok: false, message: `${ruleName(route, rule)}: ${place}: ${compiled.message}` };
        expressions.set(pattern, compiled.expression);
      }
    }
  }
  return { ok: true, expressions };
}

/** The expression of a pattern that was compiled before. Throws for any other. */
export function expressionOf(expressions: Expressions, pattern: string): RegularExpression {
  const expression = expressions.get(pattern);
  if (expression === undefined) throw new Error(`regular expression was not compiled: ${pattern}`);
  return expression;
}

function usesOf(match: Match): Use[] {
  const uses: Use[] = [];
  const add = ({ type, value }: { type: string; value: string | undefined }, what: string) => {
    if (type !== 'RegularExpression' || value === undefined) return;
    uses.push({ pattern: value, place: `${what} regular expression ${JSON.stringify(value)}` });
  };
  const { path } = match;
  if (path.type !== 'GRPCMethod') add(path, 'path');
  else {
    add({ type: path.by, value: path.service }, 'service');
    add({ type: path.by, value: path.method }, 'method');
  }
  for (const header of match.headers) add(header, `header ${header.name}`);
  for (const param of match.queryParams) add(param, `query parameter ${param.name}`);
  return uses;
}

function ruleName(route: Route, rule: Rule): string {
  const name = rule.name === undefined ? '' : ` (${rule.name})`;
  return `${routeName(route)} rule ${rule.index}${name}`;
}
