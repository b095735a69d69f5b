import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { clusterAccess, kubectlCommand } from '../kubectl.ts';
import { readProgram } from './probe.ts';

/** What the test application says it saw. */
export type Seen = {
  readonly pod: string;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBytes: number;
  readonly from: string;
  readonly to: string;
  readonly text?: string;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body, where it is the test application's. */
  readonly seen: Seen | undefined;
  /** Of the client's end: equal ports are one connection. */
  readonly port: number;
};

export type CallOptions = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** One connection for all such calls to one address; else each call has its own. */
  readonly keepAlive?: boolean;
};

/** Sends requests from within a pod. */
export type Caller = {
  /** Rejects when no answer came. Redirects are not followed; the path is sent as it stands in the URL. */
  call(url: string, options?: CallOptions): Promise<Answer>;
  close(): void;
};

/** Starts a caller in a container of a pod: one `kubectl exec` for all its calls, which may run at once. */
export async function startCaller(namespace: string, pod: string, container = 'app'): Promise<Caller> {
  const program = await readProgram('caller');
  const command = ['node', '--input-type=module-typescript', '-e', program];
  const words = ['-n', namespace, 'exec', '-i', pod, '-c', container, '--', ...command];
  const [kubectl = '', ...args] = kubectlCommand(await clusterAccess(), words);
  const child = spawn(kubectl, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.on('error', () => {}).stdin.on('error', () => {});
  const waiting = new Map<number, (answer: Answer | Error) => void>();
  let calls = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, ...answer } = JSON.parse(line) as { readonly id: number } & (Answer | { readonly error: string });
    waiting.get(id)?.('error' in answer ? new Error(answer.error) : { ...answer, seen: readSeen(answer.text) });
    waiting.delete(id);
  });
  child.once('exit', () => {
    for (const settle of waiting.values()) settle(new Error(`kubectl exec into ${namespace}/${pod} ended`));
  });
  return {
    call(url, { method = 'GET', headers = {}, body, keepAlive = false } = {}) {
      const id = (calls += 1);
      return new Promise((resolve, reject) => {
        waiting.set(id, (answer) => {
          if (answer instanceof Error) reject(new Error(`${method} ${url}: ${answer.message}`));
          else resolve(answer);
        });
        child.stdin.write(`${JSON.stringify({ id, url, method, headers, body, keepAlive })}\n`);
      });
    },
    close: () => child.stdin.end(),
  };
}

function readSeen(text: string): Seen | undefined {
  return text.startsWith('{"pod":') ? (JSON.parse(text) as Seen) : undefined;
}
