import { hash } from 'node:crypto';
import { type Api, type ApiRequest, isApiStatus } from './api.ts';

/** An object, as Events name it. */
export type Regarding = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly namespace?: string;
};

/** What an Event says. */
export type EventText = {
  /** Where it stands. */
  readonly namespace: string;
  readonly regarding: Regarding;
  readonly type: 'Warning' | 'Normal';
  readonly reason: string;
  readonly message: string;
  /** Who says it. */
  readonly component: string;
  /** What tells it from all others about objects of this name: of one id there is one Event, whoever writes it. */
  readonly id: string;
  readonly at: Date;
};

/** Writes a core/v1 Event, which `kubectl describe` shows; it is as good as written where its id is there already. */
export async function writeEvent(
  api: Api,
  text: EventText,
  options: Pick<ApiRequest, 'signal' | 'timeoutMs'> = {},
): Promise<void> {
  try {
    await api.request({
      method: 'POST',
      path: `/api/v1/namespaces/${text.namespace}/events`,
      body: eventOf(text),
      ...options,
    });
  } catch (error) {
    if (!isApiStatus(error, 409)) throw error;
  }
}

function eventOf({ namespace, regarding, type, reason, message, component, id, at }: EventText): object {
  const time = at.toISOString().replace(/\.\d+Z$/, 'Z');
  // What stands before a dot ends with a letter or digit.
  const name = `${regarding.name.slice(0, 200).replace(/[^a-z\d]+$/, '')}.${hash('sha256', id, 'hex').slice(0, 16)}`;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace },
    involvedObject: regarding,
    type,
    reason,
    message: message.slice(0, 1024),
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
  };
}
