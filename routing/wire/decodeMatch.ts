import type { GRPCMethodMatch, HeaderMatch, HTTPPathMatch, Match, PathMatch } from '../model.ts';
import { expect, expectNoUnknownFields, expectText, expectWord } from './expect.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';
import { matchTypeNumbers } from './words.ts';

/** The match of a message. A condition that this version does not know is an error: without it, too much would match. */
export function matchOf(message: wire.Match, field: string): Match {
  const { headers, queryParams, method } = message;
  expectNoUnknownFields(message, field);
  return {
    path: pathOf(message, field),
    headers: headers.map((header, index) => headerOf(header, `${field}.headers[${index}]`)),
    queryParams: queryParams.map((param, index) => valueOf(param, `${field}.query_params[${index}]`)),
    ...(method === undefined ? {} : { method: expectText(method, `${field}.method`) }),
  };
}

function pathOf({ path, grpcMethod }: wire.Match, field: string): PathMatch {
  if (grpcMethod === undefined) {
    expect(path !== undefined, `${field}.path`, 'is missing');
    return { type: typeOf(path, `${field}.path`), value: path.value };
  }
  expect(path === undefined, `${field}.grpc_method`, 'stands beside a path');
  return methodOf(grpcMethod, `${field}.grpc_method`);
}

function methodOf(message: wire.GRPCMethodMatch, field: string): GRPCMethodMatch {
  const { service, method } = message;
  return {
    type: 'GRPCMethod',
    by: valueTypeOf(message, field),
    ...(service === undefined ? {} : { service: expectText(service, `${field}.service`) }),
    ...(method === undefined ? {} : { method: expectText(method, `${field}.method`) }),
  };
}

function headerOf(message: wire.ValueMatch, field: string): Match['headers'][number] {
  const header = valueOf(message, field);
  expect(header.name === header.name.toLowerCase(), `${field}.name`, 'is not in lower case');
  return header;
}

function valueOf(message: wire.ValueMatch, field: string): Match['headers'][number] {
  const type = valueTypeOf(message, field);
  return { type, name: expectText(message.name, `${field}.name`), value: message.value };
}

function valueTypeOf(message: WithType, field: string): ValueMatchType {
  const type = typeOf(message, field);
  expect(type !== 'PathPrefix', `${field}.type`, 'is PathPrefix, which is for paths only');
  return type;
}

type WithType = wire.ValueMatch | wire.GRPCMethodMatch;
type ValueMatchType = HeaderMatch['type'];

function typeOf(message: WithType, field: string): HTTPPathMatch['type'] {
  expectNoUnknownFields(message, field);
  return expectWord(matchTypeNumbers, message.type, `${field}.type`);
}
