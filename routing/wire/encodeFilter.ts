import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { CORS, Filter, HeaderModifier, PathModifier, Redirect, RequestMirror } from '../model.ts';
import { targetMessage } from './encodeTarget.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';
import {
  type CORSSchema,
  FilterSchema,
  type HeaderModifierSchema,
  type PathModifierSchema,
  type RedirectSchema,
  type RequestMirrorSchema,
} from './generated/heddle/v1/routing_pb.ts';

/** A filter as the message to encode. */
export function filterMessage(filter: Filter): wire.Filter {
  return create(FilterSchema, { kind: kindOf(filter) });
}

function kindOf(filter: Filter): NonNullable<MessageInitShape<typeof FilterSchema>['kind']> {
  if (filter.type === 'RequestHeaderModifier') return { case: 'requestHeaderModifier', value: headers(filter) };
  if (filter.type === 'ResponseHeaderModifier') return { case: 'responseHeaderModifier', value: headers(filter) };
  if (filter.type === 'RequestRedirect') return { case: 'requestRedirect', value: redirect(filter) };
  if (filter.type === 'URLRewrite') {
    const { hostname, path } = filter;
    return { case: 'urlRewrite', value: { ...(hostname === undefined ? {} : { hostname }), ...optionalPath(path) } };
  }
  if (filter.type === 'RequestMirror') return { case: 'requestMirror', value: mirror(filter) };
  if (filter.type === 'CORS') return { case: 'cors', value: cors(filter) };
  return { case: 'unsupported', value: { name: filter.name, message: filter.message } };
}

function headers({ set, add, remove }: HeaderModifier): MessageInitShape<typeof HeaderModifierSchema> {
  return { set: [...set], add: [...add], remove: [...remove] };
}

function redirect(filter: Redirect): MessageInitShape<typeof RedirectSchema> {
  const { scheme, hostname, port, path, statusCode } = filter;
  return {
    ...(scheme === undefined ? {} : { scheme }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(port === undefined ? {} : { port }),
    ...optionalPath(path),
    statusCode,
  };
}

function mirror(filter: RequestMirror): MessageInitShape<typeof RequestMirrorSchema> {
  const { namespace, name, port, fraction } = filter;
  return { namespace, name, port, fraction, target: targetMessage(filter.target) };
}

function cors(filter: CORS): MessageInitShape<typeof CORSSchema> {
  const { allowOrigins, allowCredentials, allowMethods, allowHeaders, exposeHeaders, maxAgeMs } = filter;
  return {
    allowOrigins: [...allowOrigins],
    allowCredentials,
    allowMethods: [...allowMethods],
    allowHeaders: [...allowHeaders],
    exposeHeaders: [...exposeHeaders],
    maxAgeSeconds: maxAgeMs / 1000,
  };
}

function optionalPath(modifier: PathModifier | undefined): { path?: MessageInitShape<typeof PathModifierSchema> } {
  if (modifier === undefined) return {};
  const { type, value } = modifier;
  return {
    path: { kind: { case: type === 'ReplaceFullPath' ? 'replaceFullPath' : 'replacePrefixMatch', value } },
  };
}
