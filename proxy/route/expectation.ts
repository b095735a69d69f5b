import type { Protocol, ServiceRouting } from '../../routing/model.ts';

/** What is known of the connections to a port before their first byte. */
export type Expectation = {
  /** As it is declared; `detect`: it is not. */
  readonly protocol: Protocol;
  /** Routes are attached: a request must not pass them by. */
  readonly routed: boolean;
};

/** Of a port that nothing is known of. */
export const nothingExpected: Expectation = { protocol: 'detect', routed: false };

/** Of a port of a Service. */
export function expectationOf({ protocol, routes }: ServiceRouting): Expectation {
  return { protocol, routed: routes.length > 0 };
}
