import type { EndpointGroup } from '../balance/group.ts';
import type { Decision as AnyDecision, Forward as AnyForward } from '../route/decision.ts';
import type { UpstreamEndpoint } from '../upstream/endpoint.ts';

/** Where a request can go: a backend's endpoints, or the one original destination. */
export type Candidates = Pick<EndpointGroup<UpstreamEndpoint>, 'name' | 'known' | 'members' | 'candidates'>;

/** A decision that an exchange can carry out. */
export type Forward = AnyForward<Candidates>;
export type Decision = AnyDecision<Candidates>;
