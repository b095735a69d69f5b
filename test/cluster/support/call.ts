import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { clusterAccess, execIn, kubectlCommand, tryKubectl } from '../kubectl.ts';
import { waitUntil } from '../process/progress.ts';
import { commandOf } from './program.ts';

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
  /** The variable TEXT of its environment: the name that it was made under. */
  readonly text?: string;
};

/** Asks an address from a pod, once and with curl; gives what the answering application saw. */
export async function ask(namespace: string, from: string, url: string): Promise<Seen> {
  return JSON.parse(await execIn(namespace, from, ['curl', '-sS', '--fail', '-m', '60', url])) as Seen;
}

/** Waits until an address answers a pod: a pod that is ready becomes an endpoint a moment later. */
export async function answers(namespace: string, from: string, url: string): Promise<void> {
  await waitUntil(`an answer of ${url} to ${namespace}/${from}`, 60_000, async () => {
    return (await tryKubectl('-n', namespace, 'exec', from, '--', 'curl', '-sS', '--fail', '-m', '5', url)).ok;
  });
}

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
  const words = ['-n', namespace, 'exec', '-i', pod, '-c', container, '--', ...(await commandOf('caller'))];
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
