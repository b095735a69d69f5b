import { join } from 'node:path';
import { type Access, clusterAccess } from './kubectl.ts';
import { type RunResult, tryRun } from './process/run.ts';

const main = join(import.meta.dirname, '../../commands/main.ts');

/** On which cluster, where it is not the one that is up, and what the command reads from standard input. */
type Options = { readonly access?: Pick<Access, 'kubeconfig'>; readonly input?: string };

/** Runs the heddle command as an administrator; `output` has what it prints, and its errors. */
export async function heddle(words: readonly string[], { access, input }: Options = {}): Promise<RunResult> {
  const { kubeconfig } = access ?? (await clusterAccess());
  const command = [process.execPath, main, ...words, '--kubeconfig', kubeconfig];
  return tryRun(command, input === undefined ? {} : { input });
}
