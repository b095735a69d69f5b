import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { AccessLine } from '../../../lab/accessLine.ts';
import { clusterAccess, kubectl, kubectlCommand } from '../kubectl.ts';
import { cleanEnvironment } from '../process/run.ts';
import { waitUntil } from '../process/progress.ts';

/** A line of a sidecar's log: of its own messages, or of a request or connection. */
export type LogLine = { readonly level: string; readonly message: string } & Partial<AccessLine>;

const sidecar = 'heddle-sidecar';

/** All lines of a pod's sidecar. */
export async function linesOf(namespace: string, pod: string): Promise<LogLine[]> {
  const text = await kubectl('-n', namespace, 'logs', pod, '-c', sidecar);
  return text.split('\n').flatMap((line) => decode(line) as LogLine[]);
}

/** Waits until the sidecar has written a line with these fields; gives all lines until then. */
export async function awaitLine(namespace: string, pod: string, fields: Partial<LogLine>): Promise<readonly LogLine[]> {
  let lines: readonly LogLine[] = [];
  await waitUntil(`a line ${JSON.stringify(fields)} of ${namespace}/${pod}`, 60_000, async () => {
    lines = await linesOf(namespace, pod);
    return lines.some((line) => has(line, fields));
  });
  return lines;
}

/** The log of one sidecar, for those who look often. */
export type SidecarLog = {
  /** The first line with these fields; waits up to half a minute for it. The error shows the last lines. */
  find(fields: Partial<LogLine>): Promise<LogLine>;
  close(): void;
};

/** Follows the log of a pod's sidecar from its start, by one `kubectl logs`. Give each request a path of its own. */
export async function followSidecarLog(namespace: string, pod: string): Promise<SidecarLog> {
  const lines: LogLine[] = [];
  const follow = { namespace, pod, container: sidecar, tail: -1 };
  const following = await followLog(follow, (line) => lines.push(line as LogLine));
  return {
    async find(fields) {
      let found: LogLine | undefined;
      const look = async (): Promise<boolean> => {
        found = lines.find((line) => has(line, fields));
        return found !== undefined;
      };
      await waitUntil('the line', 30_000, look, 20).catch(() => {});
      if (found !== undefined) return found;
      const last = lines.slice(-10).map((line) => JSON.stringify(line));
      throw new Error(
        `${namespace}/${pod} logged no line with ${JSON.stringify(fields)}; its last:\n${last.join('\n')}`,
      );
    },
    close: () => following.close(),
  };
}

/** Gives each line of JSON that a container prints, from the last `tail` lines on (-1: from its start), until `close`. */
export async function followLog(
  from: { readonly namespace: string; readonly pod: string; readonly container: string; readonly tail: number },
  onLine: (line: unknown) => void,
): Promise<{ close(): void }> {
  const { namespace, pod, container, tail } = from;
  const words = ['-n', namespace, 'logs', '--follow', `--tail=${tail}`, pod, '-c', container];
  const [program = '', ...args] = kubectlCommand(await clusterAccess(), words);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], env: cleanEnvironment() });
  child.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (text) => decode(text).forEach(onLine));
  return { close: () => void child.kill() };
}

/** None for what is not JSON, such as a complaint of Node itself. */
function decode(text: string): unknown[] {
  return text.startsWith('{') ? [JSON.parse(text)] : [];
}

function has(line: LogLine, fields: Partial<LogLine>): boolean {
  return Object.entries(fields).every(([name, value]) => line[name as keyof LogLine] === value);
}
