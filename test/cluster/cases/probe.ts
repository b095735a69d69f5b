import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execIn } from '../kubectl.ts';

/** What `programs/prober.ts` can do. */
export type Probe = 'udp' | 'tcp' | 'greeting' | 'dns' | 'h2c';

/** Speaks a protocol from a pod to `host port [text]` once; gives what came back. Throws when nothing does. */
export async function probe(
  from: { namespace: string; pod: string },
  kind: Probe,
  ...words: string[]
): Promise<string> {
  const command = ['node', '--input-type=module-typescript', '-e', await readProgram('prober'), '--', kind, ...words];
  return (await execIn(from.namespace, from.pod, command)).replace(/\n$/, '');
}

/** The text of a program for a pod. */
export function readProgram(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, 'programs', `${name}.ts`), 'utf8');
}
