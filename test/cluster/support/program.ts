import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubernetesObject } from '../kubectl.ts';
import { execIn } from '../kubectl.ts';
import { pod } from './app.ts';

/** A program of `programs/`, which runs inside a pod and imports nothing but Node's own modules. */
type Program = 'answers' | 'caller' | 'greeter' | 'prober' | 'steady';

/** The command that runs a program in a container of the test application. */
export async function commandOf(program: Program, ...words: readonly string[]): Promise<string[]> {
  const text = await readFile(join(import.meta.dirname, 'programs', `${program}.ts`), 'utf8');
  return ['node', '--input-type=module-typescript', '-e', text, '--', ...words];
}

/** A pod that runs a program to its end, once. */
export async function programPod(
  where: { readonly namespace: string; readonly name: string },
  program: Program,
  words: readonly string[],
): Promise<KubernetesObject> {
  const command = await commandOf(program, ...words);
  return pod(where.namespace, where.name, { spec: { restartPolicy: 'Never' }, container: { command } });
}

/** What `programs/prober.ts` can do. */
export type Probe = 'udp' | 'tcp' | 'greeting' | 'dns' | 'h2c';

/** Speaks a protocol from a pod to `host port [text]` once; gives what came back. Throws when nothing does. */
export async function probe(
  from: { readonly namespace: string; readonly pod: string },
  kind: Probe,
  ...words: readonly string[]
): Promise<string> {
  return (await execIn(from.namespace, from.pod, await commandOf('prober', kind, ...words))).replace(/\n$/, '');
}
