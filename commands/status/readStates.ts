import type { Delivery, StreamState } from '../../agent/discovery/deliveries.ts';
import { fieldsOf, type JsonObject, numberOf, objectsOf, textOf, textsOf } from '../../runtime/json.ts';

/** What an agent of this version, or of another, says of its streams; what is not understood is left out. Throws where it is no JSON. */
export function readStates(body: string): readonly StreamState[] {
  return objectsOf(JSON.parse(body)).map(readState);
}

function readState(state: JsonObject): StreamState {
  const [namespace, pod, node] = [textOf(state, 'namespace'), textOf(state, 'pod'), textOf(state, 'node')];
  const routings = Object.entries(fieldsOf(state['routings'])).flatMap(([destination, value]) => {
    const delivery = readDelivery(value);
    return delivery === undefined ? [] : [[destination, delivery] as const];
  });
  return {
    ...(namespace !== undefined && { namespace }),
    ...(pod !== undefined && { pod }),
    ...(node !== undefined && { node }),
    lacks: textsOf(state['lacks']),
    routings: Object.fromEntries(routings),
  };
}

function readDelivery(value: unknown): Delivery | undefined {
  const fields = fieldsOf(value);
  const tookMs = numberOf(fields, 'tookMs');
  const { state } = fields;
  if (state === 'live') return { state, ...(tookMs !== undefined && { tookMs }) };
  if (state === 'waits' || state === 'older') return { state };
  if (state === 'rejected') return { state, reason: textOf(fields, 'reason') ?? '' };
  return undefined;
}
