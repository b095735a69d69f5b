import { randomBytes } from 'node:crypto';
import type { Logger } from '../runtime/log.ts';
import type { Subject } from './tellOf.ts';
import type { Namespace } from './namespaces.ts';
import type { Injection } from './patch/containers.ts';
import { namespaceOf, type Purpose, reviewPod } from './review.ts';
import type { WebhookReply } from './server.ts';

/** What an admission may set off; nothing of it happens in a dry run. */
export type Effects = {
  /** Sees to the ConfigMap that the pod will mount, once the API server confirms that it is needed. */
  readonly ensureTrustBundle: (namespace: string) => Promise<void>;
  /** Looks up what is told of a pod, and tells it where the API server has the same. */
  readonly reportEvent: (subject: Subject) => void;
  readonly agentIp: () => string | undefined;
  readonly readNamespace: (name: string) => Promise<Namespace | undefined>;
};

/** Reviews a pod, then does what its admission needs: its namespace's ConfigMap, an Event, a line of the log. */
export async function admit(
  body: unknown,
  options: {
    readonly injection: Injection;
    readonly effects: Effects;
    readonly log: Logger;
    readonly purpose?: Purpose;
  },
): Promise<WebhookReply> {
  const { injection, effects, log, purpose = 'inject' } = options;
  const moment = {
    namespace: await effects.readNamespace(namespaceOf(body) ?? ''),
    agentIp: effects.agentIp(),
    probeToken: randomBytes(16).toString('hex'),
  };
  const answer = reviewPod(body, injection, moment, purpose);
  if (!answer.ok) {
    log.warn({ reason: answer.message }, 'Request refused');
    return { status: 400, body: { message: answer.message } };
  }
  const { namespace, pod, result, reason, warnings, isDryRun, event } = answer.outcome;
  const fields = { namespace, pod: pod?.name, result, reason, ...(warnings.length > 0 ? { warnings } : {}), isDryRun };
  // The API server asks again about a pod that another webhook changed after us; that is no news.
  if (result === 'unchanged') log.debug(fields, 'Pod reviewed');
  else log.info(fields, 'Pod reviewed');
  if (isDryRun) return { status: 200, body: answer.body };
  if (result === 'injected' || result === 'unchanged') await effects.ensureTrustBundle(namespace);
  if (event !== undefined && pod !== undefined)
    effects.reportEvent({ namespace, pod, isAdmitted: result !== 'refused' });
  return { status: 200, body: answer.body };
}
