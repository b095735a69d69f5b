import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

const serialize = (text: string): Buffer => Buffer.from(text);
const deserialize = (bytes: Buffer): string => bytes.toString();

/** The service `test.Echo`, whose messages are texts. */
export const echo = {
  who: method('Who', false),
  canary: method('Canary', false),
  refuse: method('Refuse', false),
  hang: method('Hang', false),
  count: method('Count', true),
  tick: method('Tick', true),
} as const satisfies ServiceDefinition;

/** A method of it, or of another service. */
export function method(name: string, responseStream: boolean, service = 'test.Echo'): MethodDefinition<string, string> {
  return {
    path: `/${service}/${name}`,
    requestStream: false,
    responseStream,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  };
}
