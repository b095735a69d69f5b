import type {
  CORS,
  Filter,
  HeaderField,
  HeaderModifier,
  PathModifier,
  RedirectStatus,
  RequestMirror,
} from '../model.ts';
import { filterProblem } from '../filters/problem.ts';
import { hasNewerTarget, targetOf } from './decodeTarget.ts';
import { expect, expectPort, hasUnknownFields, tooOld } from './expect.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';

/**
 * The filter of a message. What a newer agent wrote and this version does not know becomes Unsupported, as does what must
 * not be written into a message, so that its rule fails visibly instead of the filter being skipped.
 */
export function filterOf(message: wire.Filter, field: string): Filter {
  const { kind } = message;
  if (hasUnknownFields(message) || (kind.value !== undefined && isNewer(kind.value))) return newer;
  const filter = knownFilterOf(kind, field);
  const problem = filterProblem(filter);
  return problem === undefined ? filter : { type: 'Unsupported', name: filter.type, message: problem };
}

const newer = unsupported(
  'unknown',
  'The agent sent a filter, or a part of one, that this sidecar is too old for: upgrade the sidecar',
);

/** What stands for something that cannot be read, so that what it stands on answers 500 with this message. */
function unsupported(name: string, message: string): Filter {
  return { type: 'Unsupported', name, message };
}

function knownFilterOf(kind: wire.Filter['kind'], field: string): Filter {
  if (kind.case === 'requestHeaderModifier') return { type: 'RequestHeaderModifier', ...headersOf(kind.value) };
  if (kind.case === 'responseHeaderModifier') return { type: 'ResponseHeaderModifier', ...headersOf(kind.value) };
  if (kind.case === 'requestRedirect') return redirectOf(kind.value, field);
  if (kind.case === 'urlRewrite') {
    const { hostname, path } = kind.value;
    return { type: 'URLRewrite', ...(hostname === undefined ? {} : { hostname }), ...pathOf(path, field) };
  }
  if (kind.case === 'requestMirror') return mirrorOf(kind.value, field);
  if (kind.case === 'cors') return corsOf(kind.value);
  expect(kind.case === 'unsupported', field, 'says no kind of filter');
  return { type: 'Unsupported', name: kind.value.name, message: kind.value.message };
}

type KindValue = NonNullable<wire.Filter['kind']['value']>;

/**
 * Whether a newer version wrote into a filter, its path modifier, its header fields or its target: a mirror of which this
 * version alone cannot read the target is no invalid one, of which the status tells.
 */
function isNewer(value: KindValue): boolean {
  if (hasUnknownFields(value)) return true;
  if ('set' in value) return [...value.set, ...value.add].some(hasUnknownFields);
  if ('target' in value) return hasNewerTarget(value);
  return 'path' in value && value.path !== undefined && hasUnknownFields(value.path);
}

function headersOf({ set, add, remove }: wire.HeaderModifier): HeaderModifier {
  return { set: set.map(fieldOf), add: add.map(fieldOf), remove: [...remove] };
}

function fieldOf({ name, value }: wire.HeaderField): HeaderField {
  return { name, value };
}

function redirectOf(message: wire.Redirect, field: string): Filter {
  const { scheme, hostname, port, path, statusCode } = message;
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') {
    return unsupported('RequestRedirect', `its scheme is ${JSON.stringify(scheme)}, ${tooOld}`);
  }
  if (!isRedirectStatus(statusCode)) return unsupported('RequestRedirect', `its status is ${statusCode}, ${tooOld}`);
  return {
    type: 'RequestRedirect',
    ...(scheme === undefined ? {} : { scheme }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(port === undefined ? {} : { port: expectPort(port, `${field}.port`) }),
    ...pathOf(path, field),
    statusCode,
  };
}

function mirrorOf(message: wire.RequestMirror, field: string): RequestMirror {
  const { namespace, name, port, fraction } = message;
  expect(fraction >= 0 && fraction <= 1, `${field}.fraction`, `is ${fraction}, not from 0 to 1`);
  return { type: 'RequestMirror', namespace, name, port, target: targetOf(message, field), fraction };
}

function corsOf({ allowOrigins, allowCredentials, maxAgeSeconds, ...lists }: wire.CORS): CORS {
  const { allowMethods, allowHeaders, exposeHeaders } = lists;
  const maxAgeMs = 1000 * maxAgeSeconds;
  return { type: 'CORS', allowOrigins, allowCredentials, allowMethods, allowHeaders, exposeHeaders, maxAgeMs };
}

function isRedirectStatus(code: number): code is RedirectStatus {
  return [301, 302, 303, 307, 308].includes(code);
}

function pathOf(modifier: wire.PathModifier | undefined, field: string): { path?: PathModifier } {
  if (modifier === undefined) return {};
  const { kind } = modifier;
  expect(kind.case !== undefined, `${field}.path`, 'says no kind of modifier');
  return {
    path: { type: kind.case === 'replaceFullPath' ? 'ReplaceFullPath' : 'ReplacePrefixMatch', value: kind.value },
  };
}
