import type { Match, PathMatch } from '../model.ts';
import { expect, expectNoUnknownFields, expectText, expectWord } from './expect.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';
import { matchTypeNumbers } from './words.ts';

/** The match of a message. A condition that this version does not know is an error: without it, too much would match. */
export function matchOf(message: wire.Match, field: string): Match {
  const { path, headers, queryParams, method } = message;
  expectNoUnknownFields(message, field);
  expect(path !== undefined, `${field}.path`, 'is missing');
  return {
    path: { type: typeOf(path, `${field}.path`), value: path.value },
    headers: headers.map((header, index) => headerOf(header, `${field}.headers[${index}]`)),
    queryParams: queryParams.map((param, index) => valueOf(param, `${field}.query_params[${index}]`)),
    ...(method === undefined ? {} : { method: expectText(method, `${field}.method`) }),
  };
}

function headerOf(message: wire.ValueMatch, field: string): Match['headers'][number] {
  const header = valueOf(message, field);
  expect(header.name === header.name.toLowerCase(), `${field}.name`, 'is not in lower case');
  return header;
}

function valueOf(message: wire.ValueMatch, field: string): Match['headers'][number] {
  const type = typeOf(message, field);
  expect(type !== 'PathPrefix', `${field}.type`, 'is PathPrefix, which is for paths only');
  return { type, name: expectText(message.name, `${field}.name`), value: message.value };
}

function typeOf(message: wire.ValueMatch, field: string): PathMatch['type'] {
  expectNoUnknownFields(message, field);
  return expectWord(matchTypeNumbers, message.type, `${field}.type`);
}
