import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';
import { clusterAccess, kubectlCommand } from '../kubectl.ts';

/** Forwards a port of 127.0.0.1, which it gives, to a port of a pod until the test ends, by `kubectl port-forward`. */
export async function forwardPort(t: ExecutionContext, namespace: string, pod: string, port: number): Promise<number> {
  const words = ['-n', namespace, 'port-forward', pod, `:${port}`];
  const [program = '', ...args] = kubectlCommand(await clusterAccess(), words);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1]);
}
