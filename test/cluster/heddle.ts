import path from 'node:path';
import { bundleCommand } from '../commands/transcript.ts';
import { type Access, clusterAccess } from './kubectl.ts';
import { type RunResult, tryRun } from './process/run.ts';

/** On which cluster, where it is not the one that is up, and what the command reads from standard input. */
type Options = { readonly access?: Pick<Access, 'kubeconfig'>; readonly input?: string };

let bundled: ReturnType<typeof bundleCommand> | undefined;

/** Runs the heddle command, as one file, as an administrator; `output` has what it prints, and its errors. */
export async function heddle(words: readonly string[], { access, input }: Options = {}): Promise<RunResult> {
  const { kubeconfig } = access ?? (await clusterAccess());
  bundled ??= bundleCommand();
  const file = path.join(path.dirname((await bundled).program), 'commands.mjs');
  const command = [process.execPath, file, ...words, '--kubeconfig', kubeconfig];
  return tryRun(command, input === undefined ? {} : { input });
}

/** Removes what the first run has made; for the end of a test file. */
export async function removeHeddle(): Promise<void> {
  (await bundled)?.remove();
}
