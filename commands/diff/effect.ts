import type { RequestHead } from '../../proxy/message/head.ts';
import type { CompiledRouting } from '../../proxy/route/compile.ts';
import { readEndpointsName } from '../../routing/model.ts';
import { calledAt, passedThrough } from '../explain/explain.ts';
import { findOutcomes } from '../explain/findOutcomes.ts';
import type { DecidedBy, Outcome } from '../explain/outcome.ts';
import type { MeshPort } from '../mesh/mesh.ts';
import { bytesOf, readHead } from '../request/parseRequest.ts';
import type { Example } from './exampleRequests.ts';

/** What becomes of a request at a port. */
export type Effect =
  | { readonly type: 'Routed'; readonly decidedBy: DecidedBy; readonly outcomes: readonly Outcome[] }
  /** Its connection is passed on as TCP, or there is no such port. */
  | { readonly type: 'PassedThrough' | 'NoPort'; readonly why: string };

/** A request as bytes and as it was read. */
type SentExample = { readonly bytes: Buffer; readonly head: RequestHead };

/** A port at one time, as the clients of one namespace see it; undefined: it is not there. */
export type PortThen = { readonly port: MeshPort; readonly compiled: CompiledRouting } | undefined;

/** An example as it comes to a port; undefined where the sidecar's codec refuses it. */
export function readExample(portName: string, example: Example): SentExample | undefined {
  const { service, port } = readEndpointsName(portName);
  const host = service.split('/').toReversed().join('.');
  const authority = port === 80 ? host : `${host}:${port}`;
  const bytes = bytesOf({ ...example, scheme: 'http', host, port, authority });
  const read = readHead(bytes);
  return read.ok ? { bytes, head: read.head } : undefined;
}

/** What becomes of a request. */
export function effectOn(then: PortThen, { bytes, head }: SentExample): Effect {
  if (then === undefined) return { type: 'NoPort', why: 'no Service has this port' };
  const { port, compiled } = then;
  const why = passedThrough(compiled, bytes);
  if (why !== undefined) return { type: 'PassedThrough', why };
  const outcomes = findOutcomes(compiled, head, calledAt(port, readEndpointsName(port.name).port));
  return { type: 'Routed', decidedBy: outcomes[0]?.decidedBy ?? {}, outcomes };
}

/** Equal for effects that nobody who sends such a request, or gets it, can tell apart. */
export function effectKey(effect: Effect): string {
  if (effect.type !== 'Routed') return effect.type;
  const shares = new Map<string, number>();
  for (const outcome of effect.outcomes) {
    const key = JSON.stringify(tellable(outcome));
    shares.set(key, (shares.get(key) ?? 0) + outcome.share);
  }
  return Array.from(shares, ([key, share]) => `${share.toFixed(6)} ${key}`)
    .toSorted()
    .join('\n');
}

/** Which rule it was is nobody's business, nor which endpoints a backend has, as long as it has some. */
function tellable(outcome: Outcome): object {
  const { share: _, decidedBy, ...rest } = outcome;
  const seen = { ...rest, backend: decidedBy.backend };
  return outcome.type === 'Answered' ? seen : { ...seen, endpoints: undefined };
}
