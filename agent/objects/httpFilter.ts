import type { HeaderField } from '../../routing/model.ts';
import { decodeBackendObject } from './backendObject.ts';
import type { Field } from './field.ts';
import type {
  HTTPCORSFilter,
  HTTPHeaderFilter,
  HTTPPathModifier,
  HTTPRequestMirrorFilter,
  HTTPRequestRedirectFilter,
  HTTPRouteFilter,
  HTTPURLRewriteFilter,
} from './types.ts';

/** Decodes one filter of a rule or of a backendRef. */
export function decodeFilter(filter: Field): HTTPRouteFilter {
  const type = filter.at('type').string();
  const own = fieldNames.get(type);
  return {
    type,
    requestHeaderModifier: decodeHeaderModifier(filter.at('requestHeaderModifier')),
    responseHeaderModifier: decodeHeaderModifier(filter.at('responseHeaderModifier')),
    requestRedirect: decodeRedirect(filter.at('requestRedirect')),
    urlRewrite: decodeRewrite(filter.at('urlRewrite')),
    requestMirror: decodeMirror(filter.at('requestMirror')),
    cors: decodeCORS(filter.at('cors')),
    extensionRef: decodeExtensionRef(filter.at('extensionRef')),
    strayFields: own === undefined ? none : filter.keysBesides(['type', own]),
  };
}

const none: readonly never[] = [];

/** The field that belongs to each type. */
const fieldNames: ReadonlyMap<string, string> = new Map([
  ['RequestHeaderModifier', 'requestHeaderModifier'],
  ['ResponseHeaderModifier', 'responseHeaderModifier'],
  ['RequestRedirect', 'requestRedirect'],
  ['URLRewrite', 'urlRewrite'],
  ['RequestMirror', 'requestMirror'],
  ['CORS', 'cors'],
  ['ExtensionRef', 'extensionRef'],
]);

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

function decodeMirror(mirror: Field): HTTPRequestMirrorFilter | undefined {
  if (mirror.isAbsent) return undefined;
  const fraction = mirror.at('fraction');
  const backendRef = mirror.at('backendRef');
  if (backendRef.isAbsent) backendRef.wrong('is required');
  return {
    backendRef: decodeBackendObject(backendRef),
    percent: mirror.at('percent').optionalInteger(0, 100),
    fraction: fraction.isAbsent
      ? undefined
      : {
          numerator: fraction.at('numerator').integer(0, 2_147_483_647),
          denominator: fraction.at('denominator').optionalInteger(1, 2_147_483_647) ?? 100,
        },
    unknownFields: mirror.keysBesides(['backendRef', 'percent', 'fraction']),
  };
}

const corsFields = ['allowOrigins', 'allowCredentials', 'allowMethods', 'allowHeaders', 'exposeHeaders', 'maxAge'];

function decodeCORS(cors: Field): HTTPCORSFilter | undefined {
  if (cors.isAbsent) return undefined;
  const texts = (name: string): readonly string[] => cors.at(name).list((item) => item.string());
  return {
    allowOrigins: texts('allowOrigins'),
    allowCredentials: cors.at('allowCredentials').optionalBoolean() ?? false,
    allowMethods: texts('allowMethods'),
    allowHeaders: texts('allowHeaders'),
    exposeHeaders: texts('exposeHeaders'),
    maxAge: cors.at('maxAge').optionalInteger(1, 2_147_483_647) ?? 5,
    unknownFields: cors.keysBesides(corsFields),
  };
}

function decodeExtensionRef(ref: Field): string | undefined {
  if (ref.isAbsent) return undefined;
  const group = ref.at('group').optionalString() ?? '';
  return `${ref.at('kind').string()}${group === '' ? '' : `.${group}`} ${ref.at('name').string()}`;
}
