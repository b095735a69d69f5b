import type { Backend } from '../model.ts';
import { filterOf } from './decodeFilter.ts';
import { targetOf } from './decodeTarget.ts';
import { expectBetween } from './expect.ts';
import type * as wire from './generated/heddle/v1/routing_pb.ts';

/** The backend of a message. One of which a newer agent says more than this version knows keeps its weight and is invalid. */
export function backendOf(message: wire.Backend, field: string): Backend {
  return {
    namespace: message.namespace,
    name: message.name,
    port: message.port,
    weight: expectBetween(message.weight, `${field}.weight`, [0, 1_000_000]),
    filters: message.filters.map((filter, index) => filterOf(filter, `${field}.filters[${index}]`)),
    target: targetOf(message, field),
  };
}
