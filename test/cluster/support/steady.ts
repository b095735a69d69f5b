import { apply, execIn, kubectl, tryKubectl, waitFor } from '../kubectl.ts';
import { waitUntil } from '../process/progress.ts';
import { programPod } from './program.ts';

export type Summary = {
  /** Per target: how often it answered as it should, and how often not; which pods answered how often. */
  readonly counts: Readonly<
    Record<string, { readonly ok: number; readonly failed: number; readonly pods: Readonly<Record<string, number>> }>
  >;
  readonly slowestMs: number;
  readonly durationMs: number;
};

export type Steady = {
  /** Ends the load; gives what it counted, and a line for each request that failed (50 a target at most). */
  stop(): Promise<{ readonly summary: Summary; readonly failures: readonly string[] }>;
};

/** Starts a steady load from an injected pod; resolves when its first requests have been sent. */
export async function startSteady(options: {
  readonly namespace: string;
  readonly name: string;
  readonly perSecond: number;
  readonly targets: readonly string[];
}): Promise<Steady> {
  const { namespace, name, perSecond, targets } = options;
  await apply([await programPod({ namespace, name }, 'steady', [String(perSecond), '16', ...targets])]);
  await waitFor(namespace, `pod/${name}`, 'condition=Ready');
  const pod = ['-n', namespace, 'logs', name];
  return {
    async stop() {
      await execIn(namespace, name, ['kill', '-USR2', '1']);
      let lines: string[] = [];
      await waitUntil(`the summary of ${name}`, 90_000, async () => {
        lines = (await tryKubectl(...pod)).stdout.trim().split('\n');
        return lines.at(-1)?.startsWith('{"counts"') === true;
      });
      await kubectl('-n', namespace, 'delete', 'pod', name, '--wait=false');
      return { summary: JSON.parse(lines.pop() ?? '') as Summary, failures: lines };
    },
  };
}
