import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { clusterAccess, kubectlCommand } from '../kubectl.ts';
import { cleanEnvironment } from '../process/run.ts';

/** Follows what the program of a pod prints, from its last line on, each line decoded from JSON, until `close`. */
export async function followLog(
  namespace: string,
  pod: string,
  onLine: (line: unknown) => void,
): Promise<{ close(): void }> {
  const words = ['-n', namespace, 'logs', '-f', '--tail=1', pod, '-c', 'program'];
  const [program = '', ...args] = kubectlCommand(await clusterAccess(), words);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: cleanEnvironment() });
  createInterface({ input: child.stdout }).on('line', (line) => onLine(JSON.parse(line) as unknown));
  return { close: () => void child.kill() };
}
