import type { Api } from '../kubernetes/api.ts';
import { fieldsOf, objectsOf, textOf } from '../runtime/json.ts';
import type { Logger } from '../runtime/log.ts';
import { reasonOf } from '../runtime/reason.ts';
import type { Events } from './events.ts';
import { readWishes } from './patch/annotations.ts';
import { giveFrom } from './patch/given.ts';
import { findUnknownKeys, findWrongInject } from './patch/unknownKeys.ts';

const lookEveryMs = 60_000;

/**
 * Looks every minute for namespaces that say something to Heddle which means nothing, and which no review therefore shows:
 * a wrong value, the annotation for the label, a misspelled key. Told in the log once, in an Event of the namespace while
 * it lasts. Never rejects.
 */
export function createNamespaceHints(options: {
  readonly api: Api;
  readonly log: Logger;
  readonly events: Events;
  readonly now: () => number;
}): { readonly look: () => Promise<void> } {
  const { api, log, events, now } = options;
  let told = new Set<string>();
  let lookedAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    if (now() < lookedAt + lookEveryMs) return;
    lookedAt = now();
    const query = { resourceVersion: '0' };
    const list = fieldsOf(await api.request({ path: '/api/v1/namespaces', query, only: 'metadata' }));
    const present = new Set<string>();
    for (const { metadata } of objectsOf(list['items'])) {
      const namespace = namespaceOf(fieldsOf(metadata));
      const message = problemsOf(namespace).join('; ');
      if (message === '') continue;
      const { name, uid } = namespace;
      const key = JSON.stringify([uid, message]);
      present.add(key);
      if (!told.has(key)) log.warn({ namespace: name, reason: message }, 'A namespace says what means nothing');
      const regarding = { apiVersion: 'v1', kind: 'Namespace', namespace: name, name, uid };
      const event = { namespace: name, regarding, reason: 'UnknownKey', message } as const;
      events.report(key, () => Promise.resolve(event));
    }
    told = present;
  }

  return {
    look: () =>
      look().catch((error: unknown) => log.debug({ reason: reasonOf(error) }, 'Namespaces could not be read')),
  };
}

type Metadata = ReturnType<typeof namespaceOf>;

function namespaceOf(metadata: ReturnType<typeof fieldsOf>) {
  return {
    name: textOf(metadata, 'name') ?? '',
    uid: textOf(metadata, 'uid') ?? '',
    labels: fieldsOf(metadata['labels']),
    annotations: fieldsOf(metadata['annotations']),
  };
}

function problemsOf(namespace: Metadata): readonly string[] {
  const wishes = readWishes(giveFrom({ annotations: {} }, namespace));
  const wrong = [findWrongInject(namespace.labels), wishes.ok ? undefined : wishes.message];
  return [...wrong.flatMap((message) => message ?? []), ...findUnknownKeys('Namespace', namespace)];
}
