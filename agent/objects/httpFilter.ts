import type { HeaderField } from '../../routing/model.ts';
import type { Field } from './field.ts';
import type {
  HTTPHeaderFilter,
  HTTPPathModifier,
  HTTPRequestRedirectFilter,
  HTTPRouteFilter,
  HTTPURLRewriteFilter,
} from './types.ts';

/** Decodes one filter of a rule or of a backendRef. */
export function decodeFilter(filter: Field): HTTPRouteFilter {
  return {
    type: filter.at('type').string(),
    requestHeaderModifier: decodeHeaderModifier(filter.at('requestHeaderModifier')),
    responseHeaderModifier: decodeHeaderModifier(filter.at('responseHeaderModifier')),
    requestRedirect: decodeRedirect(filter.at('requestRedirect')),
    urlRewrite: decodeRewrite(filter.at('urlRewrite')),
  };
}

function decodeHeaderModifier(modifier: Field): HTTPHeaderFilter | undefined {
  if (modifier.isAbsent) return undefined;
  return {
    set: modifier.at('set').list(decodeHeader),
    add: modifier.at('add').list(decodeHeader),
    remove: modifier.at('remove').list((name) => name.string()),
    unknownFields: modifier.keysBesides(['set', 'add', 'remove']),
  };
}

function decodeHeader(header: Field): HeaderField {
  return { name: header.at('name').string(), value: header.at('value').optionalString() ?? '' };
}

function decodeRedirect(redirect: Field): HTTPRequestRedirectFilter | undefined {
  if (redirect.isAbsent) return undefined;
  return {
    scheme: redirect.at('scheme').optionalString(),
    hostname: redirect.at('hostname').optionalString(),
    port: redirect.at('port').optionalInteger(1, 65_535),
    path: decodePathModifier(redirect.at('path')),
    statusCode: redirect.at('statusCode').optionalInteger(100, 599) ?? 302,
    unknownFields: redirect.keysBesides(['scheme', 'hostname', 'port', 'path', 'statusCode']),
  };
}

function decodeRewrite(rewrite: Field): HTTPURLRewriteFilter | undefined {
  if (rewrite.isAbsent) return undefined;
  return {
    hostname: rewrite.at('hostname').optionalString(),
    path: decodePathModifier(rewrite.at('path')),
    unknownFields: rewrite.keysBesides(['hostname', 'path']),
  };
}

function decodePathModifier(path: Field): HTTPPathModifier | undefined {
  if (path.isAbsent) return undefined;
  const name = path.at('type').string();
  if (name === 'ReplaceFullPath') return { type: name, value: decodeReplacement(path.at('replaceFullPath')) };
  if (name === 'ReplacePrefixMatch') return { type: name, value: decodeReplacement(path.at('replacePrefixMatch')) };
  return { type: 'Unknown', name };
}

function decodeReplacement(field: Field): string {
  if (field.isAbsent) field.wrong('is required by the type beside it');
  return field.optionalString() ?? '';
}
