import { Field } from './field.ts';
import { decodeNamedMatch } from './namedMatch.ts';
import { decodeRule, decodeSpec, ruleFields } from './routeSpec.ts';
import {
  type HTTPRoute,
  type HTTPRouteMatch,
  type HTTPRouteRetry,
  type HTTPRouteRule,
  type HTTPRouteTimeouts,
  type Meta,
} from './types.ts';

/**
 * Decodes a gateway.networking.k8s.io/v1 HTTPRoute with the defaults of its schema. Values that a newer version may
 * know are kept as they are; the translation says what it cannot do.
 */
export function decodeHTTPRoute(object: Field, meta: Meta): HTTPRoute {
  const spec = object.at('spec');
  const written = spec.at('rules').items();
  // Without rules the schema has one that matches everything and names no backend.
  const rules = (written.length > 0 ? written : [new Field({}, [])]).map(decodeHTTPRule);
  return { kind: 'HTTPRoute', meta, rules, ...decodeSpec(spec) };
}

const httpRuleFields = [...ruleFields, 'timeouts', 'retry'];

function decodeHTTPRule(rule: Field): HTTPRouteRule {
  return {
    ...decodeRule(rule, decodeMatch, httpRuleFields),
    timeouts: decodeTimeouts(rule.at('timeouts')),
    retry: decodeRetry(rule.at('retry')),
  };
}

function decodeTimeouts(timeouts: Field): HTTPRouteTimeouts | undefined {
  if (timeouts.isAbsent) return undefined;
  return {
    request: timeouts.at('request').optionalString(),
    backendRequest: timeouts.at('backendRequest').optionalString(),
    unknownFields: timeouts.keysBesides(['request', 'backendRequest']),
  };
}

function decodeRetry(retry: Field): HTTPRouteRetry | undefined {
  if (retry.isAbsent) return undefined;
  return {
    codes: retry.at('codes').list((code) => code.integer(400, 599)),
    attempts: retry.at('attempts').optionalInteger(0, 2_147_483_647) ?? 1,
    backoff: retry.at('backoff').optionalString(),
    unknownFields: retry.keysBesides(['codes', 'attempts', 'backoff']),
  };
}

function decodeMatch(match: Field): HTTPRouteMatch {
  return {
    path: decodePathMatch(match.at('path')),
    headers: match.at('headers').list(decodeNamedMatch),
    queryParams: match.at('queryParams').list(decodeNamedMatch),
    method: match.at('method').optionalString(),
    unknownFields: match.keysBesides(['path', 'headers', 'queryParams', 'method']),
  };
}

function decodePathMatch(path: Field): HTTPRouteMatch['path'] {
  if (path.isAbsent) return undefined;
  const type = path.at('type').optionalString() ?? 'PathPrefix';
  const value = path.at('value').optionalString() ?? '/';
  if ((type === 'Exact' || type === 'PathPrefix') && !isPathValue(value)) {
    path
      .at('value')
      .wrong(`"${value}" can match no path; start with "/" and leave out "//", "/./", "/../", "%2F", "#"`);
  }
  return { type, value };
}

/** As the schema of HTTPPathMatch has it, see https://gateway-api.sigs.k8s.io/reference/spec/#httppathmatch */
function isPathValue(value: string): boolean {
  return value.startsWith('/') && !/\/\/|\/\.\.?(?:\/|$)|%2f|#/i.test(value);
}
