import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../../kubernetes/api.ts';
import { fieldsOf, type JsonObject, objectsOf } from '../../runtime/json.ts';
import { listRaw } from '../cluster/listRaw.ts';
import { readObject } from '../cluster/readObject.ts';
import { webhookPath, workloadPaths } from './apiPath.ts';
import { rolloutOf, troublesOf } from './rollout.ts';

/** Where it is waited, for how long, and whom is told of each step. */
export type Waiting = {
  readonly namespace: string;
  readonly timeoutMs: number;
  readonly tell: (line: string) => void;
};

const lookEveryMs = 1000;

/** Waits until agents and injectors have rolled out and the API server trusts the webhook; else why it is not so yet. */
export async function waitRollouts(api: Api, waiting: Waiting): Promise<readonly string[]> {
  const { namespace, timeoutMs, tell } = waiting;
  const deadline = performance.now() + timeoutMs;
  const told = new Map<string, string>();
  for (;;) {
    const steps = await look(api, namespace);
    for (const { what, words } of steps) {
      if (told.get(what) !== words) tell(`${what}: ${words}`);
      told.set(what, words);
    }
    const open = steps.filter(({ isDone }) => !isDone);
    if (open.length === 0) return [];
    if (performance.now() >= deadline) {
      const pods = (await listRaw(api, `/api/v1/namespaces/${namespace}/pods`)) ?? [];
      return [...open.map(({ what, words }) => `${what}: ${words}`), ...troublesOf(pods)];
    }
    await sleep(lookEveryMs);
  }
}

type Step = { readonly what: string; readonly isDone: boolean; readonly words: string };

async function look(api: Api, namespace: string): Promise<readonly Step[]> {
  const paths = workloadPaths(namespace);
  const [agents, injectors, webhook] = await Promise.all([
    readObject(api, paths.agents),
    readObject(api, paths.injectors),
    readObject(api, webhookPath),
  ]);
  return [
    { what: 'injectors', ...rolloutOf({ kind: 'Deployment', ...injectors }) },
    { what: 'webhook', ...trustOf(webhook) },
    { what: 'agents', ...rolloutOf({ kind: 'DaemonSet', ...agents }) },
  ];
}

function trustOf(webhook: JsonObject | undefined): Omit<Step, 'what'> {
  const isTrusted = objectsOf(webhook?.['webhooks']).every(
    ({ clientConfig }) => typeof fieldsOf(clientConfig)['caBundle'] === 'string',
  );
  return isTrusted ? { isDone: true, words: 'has its CA' } : { isDone: false, words: 'waits for its CA' };
}
