import type { Match, Route, Rule } from '../../routing/model.ts';
import { compareText, printName } from './compare.ts';

type Owner = { readonly route: Route; readonly rule: Rule };

const none: ReadonlyMap<string, never> = new Map<string, never>();

/**
 * What never gets a request among the routes that serve at a port for the same clients, by the route's key: a match that
 * stands in another rule too, which goes before. The routes come in the order of precedence, older first.
 */
export function findShadowed(port: string, routes: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  if (routes.length === 0 || (routes.length === 1 && routes[0]?.rules.length === 1)) return none;
  const owners = new Map<string, Owner>();
  const found = new Map<string, string[]>();
  for (const route of routes) {
    for (const rule of route.rules) {
      for (const [index, match] of rule.matches.entries()) {
        const key = keyOf(match);
        const owner = owners.get(key);
        if (owner === undefined) owners.set(key, { route, rule });
        else if (owner.rule !== rule) {
          const name = `${route.kind} ${printName(route)}`;
          const messages = found.get(name) ?? [];
          messages.push(describe(port, `rule ${rule.index}, match ${index}`, owner));
          found.set(name, messages);
        }
      }
    }
  }
  return found;
}

function describe(port: string, what: string, { route, rule }: Owner): string {
  return `${what} never gets a request at ${port}: rule ${rule.index} of ${route.kind} ${printName(route)} has the same match and goes before; change or remove one of them`;
}

/** Equal for matches that hold for the same requests as far as that can be seen: the order of their conditions is nothing. */
function keyOf({ path, method, headers, queryParams }: Match): string {
  return JSON.stringify([path, method, sorted(headers), sorted(queryParams)]);
}

function sorted(conditions: Match['headers']): readonly string[] {
  return conditions.map(({ type, name, value }) => JSON.stringify([type, name, value])).sort(compareText);
}
