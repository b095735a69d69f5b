import test from 'ava';
import { encodeGRPCMessage, isGRPC, isRPC, readGRPCTimeout } from '../../../proxy/message/grpc.ts';
import { grpcCode, type GRPCStatus, httpStatusOf, readGRPCStatus } from '../../../proxy/observe/grpcStatus.ts';
import { grpcStatusFor } from '../../../proxy/message/grpcAnswer.ts';

const contentTypes: readonly (readonly [contentType: string | undefined, is: boolean])[] = [
  ['application/grpc', true],
  ['application/grpc+proto', true],
  ['application/grpc;charset=utf-8', true],
  ['application/grpc ; a=b', true],
  ['Application/GRPC', true],
  ['application/grpc-web', true],
  ['application/grpc-web+proto', true],
  ['application/grpc-web-text', true],
  ['application/grpcish', false],
  ['application/grpc-webby', false],
  ['application/json', false],
  ['text/application/grpc', false],
  ['', false],
  [undefined, false],
];

for (const [contentType, is] of contentTypes) {
  test(`${contentType === undefined ? 'No content-type' : `"${contentType}"`} ${is ? 'is' : 'is not'} gRPC`, (t) => {
    t.is(isGRPC(contentType), is);
  });
}

test('What ends with trailers is gRPC itself, not gRPC-Web', (t) => {
  for (const type of ['application/grpc', 'application/grpc+proto', 'application/grpc;a=b', 'application/grpc ; a=b'])
    t.true(isRPC(type), type);
  for (const type of ['application/grpc-web', 'application/grpcish', 'application/json', ''])
    t.false(isRPC(type), type);
});

const timeouts: readonly (readonly [field: string, ms: number | undefined])[] = [
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3000],
  ['250m', 250],
  ['1500u', 2],
  ['1n', 1],
  ['99999999n', 100],
  ['99999999H', 359_999_996_400_000],
  ['0S', 0],
  ['123456789m', undefined],
  ['10', undefined],
  ['-1S', undefined],
  ['1.5S', undefined],
  ['1s', undefined],
  ['1S ', undefined],
  ['', undefined],
];

for (const [field, ms] of timeouts) {
  test(`grpc-timeout ${JSON.stringify(field)} is ${ms === undefined ? 'none' : `${ms} ms`}`, (t) => {
    t.is(readGRPCTimeout(field), ms);
  });
}

const messages: readonly (readonly [text: string, field: string])[] = [
  ['no rule matches', 'no rule matches'],
  ['100% ~', '100%25 ~'],
  ['line\nline', 'line%0Aline'],
  ['größer', 'gr%C3%B6%C3%9Fer'],
  ['\u{1f9f5}', '%F0%9F%A7%B5'],
  ['\u007f', '%7F'],
];

for (const [text, field] of messages) {
  test(`grpc-message has ${JSON.stringify(text)} as ${field}`, (t) => {
    t.is(encodeGRPCMessage(text), field);
    t.is(decodeURIComponent(field), text);
  });
}

const own: readonly (readonly [status: number, flag: Parameters<typeof grpcStatusFor>[1], name: GRPCStatus])[] = [
  [404, 'NR', 'UNIMPLEMENTED'],
  [503, 'UH', 'UNAVAILABLE'],
  [503, 'UF', 'UNAVAILABLE'],
  [502, 'UPE', 'UNAVAILABLE'],
  [504, 'UT', 'DEADLINE_EXCEEDED'],
  [500, 'NC', 'UNAVAILABLE'],
  [500, 'NFCF', 'UNKNOWN'],
  [431, 'DPE', 'RESOURCE_EXHAUSTED'],
  [413, undefined, 'RESOURCE_EXHAUSTED'],
  [400, 'DPE', 'INTERNAL'],
  [403, undefined, 'PERMISSION_DENIED'],
  [418, undefined, 'UNKNOWN'],
];

for (const [status, flag, name] of own) {
  test(`Our ${status} ${flag ?? 'without a flag'} is ${name}`, (t) => {
    t.is(grpcStatusFor(status, flag), name);
  });
}

test('A field grpc-status is a name, and UNKNOWN where it is none', (t) => {
  t.is(readGRPCStatus('0'), 'OK');
  t.is(readGRPCStatus('14'), 'UNAVAILABLE');
  t.is(readGRPCStatus(grpcCode('UNAUTHENTICATED')), 'UNAUTHENTICATED');
  for (const field of ['17', '99', '-1', '', 'OK', '0,0', undefined]) t.is(readGRPCStatus(field), 'UNKNOWN');
});

test('What the caller did wrong is no failure of the server, nor is what the server does not have', (t) => {
  for (const status of ['UNKNOWN', 'DEADLINE_EXCEEDED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS'] as const)
    t.true(httpStatusOf(status) >= 500, status);
  for (const status of ['OK', 'CANCELLED', 'NOT_FOUND', 'RESOURCE_EXHAUSTED', 'UNIMPLEMENTED'] as const)
    t.true(httpStatusOf(status) < 500, status);
});
