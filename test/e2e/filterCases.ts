import type { NetworkNamespace } from '../../lab/namespace.ts';
import { routeObject } from './objects.ts';

/** One rule of a route: what it matches, by its path unless more is given, and what it does. */
export type RuleParts = {
  readonly on?: string;
  readonly matches?: readonly unknown[];
  readonly filters?: readonly unknown[];
  readonly backendRefs?: readonly unknown[];
};

/** A rule as the Gateway API has it. */
export function rule({ on = '/', matches = [prefix(on)], filters = [], backendRefs }: RuleParts): unknown {
  return { matches, filters, ...(backendRefs === undefined ? {} : { backendRefs }) };
}

export function prefix(value: string): unknown {
  return { path: { type: 'PathPrefix', value } };
}

export function redirect(requestRedirect: object): unknown {
  return { type: 'RequestRedirect', requestRedirect };
}

export function rewrite(urlRewrite: object): unknown {
  return { type: 'URLRewrite', urlRewrite };
}

export const full = (replaceFullPath: string): object => ({ path: { type: 'ReplaceFullPath', replaceFullPath } });

export const part = (replacePrefixMatch: string): object => ({
  path: { type: 'ReplacePrefixMatch', replacePrefixMatch },
});

/** Headers by name, as a filter's `set` and `add` have them. */
export function fields(values: Readonly<Record<string, string>>): unknown[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

export const modify = (change: object): unknown => ({ type: 'RequestHeaderModifier', requestHeaderModifier: change });

export const modifyResponse = (change: object): unknown => ({
  type: 'ResponseHeaderModifier',
  responseHeaderModifier: change,
});

/** What several cases of the suite change. */
export const changes = {
  set: fields({ 'X-Header-Set': 'set-overwrites-values' }),
  add: fields({ 'X-Header-Add': 'header-val-1', 'X-Header-Add-Append': 'header-val-2' }),
  remove: ['X-Header-Remove'],
};

export const web = [{ name: 'web', port: 80 }];

/** Routes of the Service of this name, each with a rule of its own, so that every case is one object of the API. */
export function routesOf(parent: string, rules: readonly unknown[]): unknown[] {
  return rules.map((own, index) => routeObject({ parent, name: `${parent}-${index}`, rules: [own] }));
}

/** The response as it came, with `\n` at the ends of its lines; curl leaves the path as it is written here. */
export async function rawResponse(from: NetworkNamespace, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await from.run({ command: ['curl', '-sS', '-m', '60', '--path-as-is', '-i', ...args] });
  return stdout === '' ? stderr : stdout.replaceAll('\r\n', '\n');
}

/** Status and Location of a response: `302 http://…`. */
export function verdictOf(response: string): string {
  const status = /^HTTP\/1\.1 (\d+)/.exec(response)?.[1];
  return `${status} ${/^location: (.*)$/im.exec(response)?.[1]}`;
}
