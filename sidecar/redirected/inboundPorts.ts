import { type Explanation, explanationFragment } from '../../proxy/observe/fragment.ts';
import { type Expectation, nothingExpected } from '../../proxy/route/expectation.ts';
import { Settling } from '../../proxy/table/settling.ts';
import type { Inbound, InboundPort } from '../../routing/model.ts';

type Known = { readonly expectation: Expectation; readonly explanation: Explanation };

const nothingKnown: Known = { expectation: nothingExpected, explanation: explanationFragment({}) };

/** What the Services that select this pod declare of its ports, as the agent says it. */
export class InboundPorts {
  /** Until the agent has said it. */
  readonly arrival = new Settling();
  private ports: ReadonlyMap<number, Known> = new Map<number, Known>();

  /** Takes over what the agent says now; nothing any more without an argument. */
  apply(inbound: Inbound = { ports: [] }): void {
    this.ports = new Map(inbound.ports.map((declared) => [declared.port, knownOf(declared)]));
    this.arrival.settle();
  }

  expectationOf(port: number): Expectation {
    return (this.ports.get(port) ?? nothingKnown).expectation;
  }

  /** What a log line says of connections to the port. */
  explain(port: number): Explanation {
    return (this.ports.get(port) ?? nothingKnown).explanation;
  }
}

/**
 * The first bytes of TLS and of HTTP/2 tell what they are, from a client that speaks first: they are looked at, so that
 * the kubelet's HTTP probes of such a port are known.
 */
function knownOf({ protocol, declaredBy }: InboundPort): Known {
  const isTold = protocol === 'http1' || protocol === 'opaque';
  const declared = `${protocol} by Service ${declaredBy.join(', ')}`;
  return {
    expectation: { protocol: isTold ? protocol : 'detect', routed: false },
    explanation: explanationFragment({ declared }),
  };
}
