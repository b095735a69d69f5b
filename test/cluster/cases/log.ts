import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { clusterAccess, kubectlCommand } from '../kubectl.ts';
import { waitUntil } from '../process/progress.ts';

/** A line of a sidecar's log; README.md says what its fields mean. */
export type LogLine = {
  readonly message: string;
  readonly level: string;
  readonly direction?: 'outbound' | 'inbound';
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  readonly service?: string;
  readonly route?: string;
  readonly rule?: number;
  readonly ruleName?: string;
  readonly matched?: string;
  readonly backend?: string;
  readonly share?: string;
  readonly endpoint?: string;
  readonly pod?: string;
  readonly flags?: string;
  readonly reason?: string;
  readonly revision?: string;
  readonly bytesIn?: number;
  readonly bytesOut?: number;
};

export type SidecarLog = {
  /** All lines so far. */
  readonly lines: readonly LogLine[];
  /** The first line with these fields; waits up to five seconds for it. The error shows the last lines. */
  find(fields: Partial<LogLine>): Promise<LogLine>;
  close(): void;
};

/** Follows the log of a pod's sidecar from its start, by one `kubectl logs`. Give each request a path of its own. */
export async function followSidecarLog(namespace: string, pod: string): Promise<SidecarLog> {
  const words = ['-n', namespace, 'logs', '--follow', pod, '-c', 'heddle-sidecar'];
  const [kubectl = '', ...args] = kubectlCommand(await clusterAccess(), words);
  const child = spawn(kubectl, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.on('error', () => {});
  const lines: LogLine[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as LogLine));
  return {
    lines,
    async find(fields) {
      const wanted = Object.entries(fields);
      let found: LogLine | undefined;
      const look = async (): Promise<boolean> => {
        found = lines.find((line) => wanted.every(([name, value]) => line[name as keyof LogLine] === value));
        return found !== undefined;
      };
      await waitUntil('the line', 5000, look, 20).catch(() => {});
      if (found !== undefined) return found;
      const last = lines.slice(-10).map((line) => JSON.stringify(line));
      throw new Error(
        `${namespace}/${pod} logged no line with ${JSON.stringify(fields)}; its last:\n${last.join('\n')}`,
      );
    },
    close: () => void child.kill(),
  };
}
