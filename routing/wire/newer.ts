import type { Capability } from './capabilities.ts';

/** Something that came into the messages after the first sidecars, and what becomes of it for one that cannot read it. */
export type NewerPart<C extends string = Capability> = {
  /** `Message.field` of heddle.v1, `Enum.VALUE`, or `Message.field=text` for one text of a field that stands for a kind. */
  readonly part: string;
  /** What people call it; it stands in the reason of a 500. */
  readonly name: string;
  readonly needs: C;
  /**
   * `isLeftOut`: nothing wrong is done without it. `fails`: what it stands in answers 500 (a filter, a rule, a backend),
   * is not offered (an endpoint), or cannot be said at all (a routing, a route, a match).
   */
  readonly without: 'isLeftOut' | 'fails';
};

/** All that came after commit 4011768; a test wants each field and enum value that is added to be named here. */
export const newerParts: readonly NewerPart[] = [
  ...['Inbound.ports', 'InboundPort.port', 'InboundPort.protocol', 'InboundPort.declared_by'].map(inbound),
  {
    part: 'Endpoints.session_affinity_seconds',
    name: 'sessionAffinity',
    needs: 'heddle.v1.service-policies',
    without: 'isLeftOut',
  },
  {
    part: 'Endpoints.why_none',
    name: 'the reason of having no endpoints',
    needs: 'heddle.v1.service-policies',
    without: 'isLeftOut',
  },
];

/** Who does not know this resource does not ask for it. */
function inbound(part: string): NewerPart {
  return { part, name: 'ports of the pod itself', needs: 'heddle.v1.inbound', without: 'isLeftOut' };
}
