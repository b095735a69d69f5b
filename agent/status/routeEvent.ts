import { hash } from 'node:crypto';
import { agentName } from '../../contract/objects.ts';
import type { RouteStatus } from '../translate/result.ts';
import { apiVersionOf } from './routePath.ts';

/** The route that an Event is about. */
export type EventRoute = Pick<RouteStatus, 'kind' | 'namespace' | 'name' | 'uid'>;

/** What is said of it, and what tells this Event from others of the route. */
export type EventText = {
  readonly type: 'Warning' | 'Normal';
  readonly reason: string;
  readonly message: string;
  readonly id: string;
};

/** The path of the Events of a route's namespace. */
export function eventsPath({ namespace }: Pick<EventRoute, 'namespace'>): string {
  return `/api/v1/namespaces/${namespace}/events`;
}

/** A core/v1 Event on a route, under a name that is the same whoever writes it. */
export function routeEvent(route: EventRoute, { type, reason, message, id }: EventText, at: Date): object {
  const { kind, namespace, name, uid } = route;
  const time = at.toISOString().replace(/\.\d+Z$/, 'Z');
  const hashed = hash('sha256', `${kind} ${uid ?? ''} ${id}`, 'hex').slice(0, 16);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name.slice(0, 200).replace(/[^a-z\d]+$/, '')}.${hashed}`, namespace },
    involvedObject: { apiVersion: apiVersionOf(kind), kind, namespace, name, uid: uid ?? '' },
    type,
    reason,
    message: message.slice(0, 1024),
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    source: { component: agentName },
    reportingComponent: agentName,
    reportingInstance: '',
  };
}
