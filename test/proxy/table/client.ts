import type { ExecutionContext } from 'ava';
import { pino } from 'pino';
import { decodeEndpoints } from '../../../routing/wire/decode.ts';
import { endpointsTypeUrl as typeUrl } from '../../../routing/wire/typeUrls.ts';
import { createResourceType, type ResourceType } from '../../../proxy/table/resourceType.ts';
import { Subscriber, type SubscriberOptions } from '../../../proxy/table/subscribe.ts';

export type Client = {
  readonly type: ResourceType;
  readonly subscriber: Subscriber;
  /** What was applied (`name=version`) and removed (`-name`). */
  readonly done: string[];
  readonly log: string[];
};

/** A subscriber with one type, started, and stopped when the test ends. */
export function startClient(
  t: ExecutionContext,
  address: string,
  options: Partial<Pick<SubscriberOptions, 'authentication' | 'startWaitMs'>> = {},
): Client {
  const done: string[] = [];
  const log: string[] = [];
  const type = createResourceType({
    typeUrl,
    decode: decodeEndpoints,
    apply(name, _value, version) {
      if (version === 'explode') throw new Error('boom');
      if (version.startsWith('bad')) return 'is bad';
      done.push(`${name}=${version}`);
      return undefined;
    },
    remove: (name) => done.push(`-${name}`),
  });
  const subscriber = new Subscriber({
    address,
    nodeId: 'shop/pod',
    types: [type],
    log: pino({ messageKey: 'message' }, { write: (line: string) => void log.push(line) }),
    startWaitMs: 60_000,
    ...options,
  });
  t.teardown(() => subscriber.stop());
  subscriber.start();
  return { type, subscriber, done, log };
}
