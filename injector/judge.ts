import type { Injection } from './patch/containers.ts';
import { decideInjection } from './patch/decideInjection.ts';
import type { NamespaceSays } from './patch/given.ts';
import { type Moment, type Patch, patchPod } from './patch/patch.ts';
import type { Pod } from './patch/pod.ts';
import { findUnknownKeys } from './patch/unknownKeys.ts';

/** What is told of a pod by an Event: refused, admitted as it is though it asks for more, or injected with a mistake. */
export type EventReason = 'InjectionRefused' | 'NotInjected' | 'UnknownKey';

/** What becomes of a pod, and what its owner should know. */
export type Judgement = {
  readonly result: 'injected' | 'unchanged' | 'skipped' | 'refused';
  readonly operations: (Patch & { readonly ok: true })['operations'];
  readonly warnings: readonly string[];
  readonly event: { readonly reason: EventReason; readonly message: string } | undefined;
};

/** Judges a pod in a namespace: pure, so that what is told of it can be found again from what the API server has. */
export function judgePod(
  pod: Pod,
  namespace: string,
  { injection, moment }: { readonly injection: Injection; readonly moment: Moment },
): Judgement {
  const verdict = decideInjection(pod, namespace, injection.namespace);
  if (verdict.type === 'refuse') return refused(verdict.message);
  if (verdict.type === 'skip') {
    const { warnings } = verdict;
    const event = warnings.length > 0 ? ({ reason: 'NotInjected', message: warnings.join('; ') } as const) : undefined;
    return { result: 'skipped', operations: [], warnings, event };
  }
  const patch = patchPod(pod, injection, moment);
  if (!patch.ok) return refused(patch.message);
  const unknown = findUnknownKeys('Pod', pod);
  const message = unknown.join('; ');
  return {
    result: patch.operations.length === 0 ? 'unchanged' : 'injected',
    operations: patch.operations,
    warnings: [...verdict.warnings, ...patch.warnings, ...unknown],
    event: unknown.length > 0 ? { reason: 'UnknownKey', message } : undefined,
  };
}

/** Of a pod that asks for no sidecar: what it says to us all the same is most likely a mistake. */
export function judgeOutside(pod: Pod): Judgement {
  const warnings = findUnknownKeys('Pod', pod);
  const event = warnings.length > 0 ? ({ reason: 'UnknownKey', message: warnings.join('; ') } as const) : undefined;
  return { result: 'skipped', operations: [], warnings, event };
}

/** The moment of a judgement from which nothing is patched. */
export function sameMoment(namespace: NamespaceSays | undefined): Moment {
  return { agentIp: undefined, probeToken: '', namespace };
}

function refused(message: string): Judgement {
  return { result: 'refused', operations: [], warnings: [], event: { reason: 'InjectionRefused', message } };
}
