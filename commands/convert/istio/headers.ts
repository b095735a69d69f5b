import type { Reading } from '../reading.ts';
import type { Filter, HeaderModifier, HeaderValue } from '../route.ts';

/** Header changes of a route or a destination. */
export function readHeaders(read: Reading): readonly Filter[] {
  const request = readChanges(read.at('request'));
  const response = readChanges(read.at('response'));
  return [
    ...(request === undefined ? [] : [{ type: 'RequestHeaderModifier' as const, requestHeaderModifier: request }]),
    ...(response === undefined ? [] : [{ type: 'ResponseHeaderModifier' as const, responseHeaderModifier: response }]),
  ];
}

function readChanges(read: Reading): HeaderModifier | undefined {
  const set = readValues(read.at('set'));
  const add = readValues(read.at('add'));
  const remove = read.at('remove').texts();
  if (set.length + add.length + remove.length === 0) return undefined;
  return { ...(set.length > 0 && { set }), ...(add.length > 0 && { add }), ...(remove.length > 0 && { remove }) };
}

function readValues(read: Reading): readonly HeaderValue[] {
  return read.entries().flatMap(([name, written]) => {
    const value = written.text();
    if (value?.includes('%') !== true) return value === undefined ? [] : [{ name, value }];
    written.lost("Envoy's variables mean nothing here");
    return [];
  });
}
