import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { delimiter } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How a program ended: its exit code, or the signal that killed it. */
export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A program that runs in the lab; every line it prints on stdout or stderr is kept in `lines`. */
export type LabProcess = {
  readonly pid: number;
  readonly lines: readonly string[];
  readonly exited: Promise<Exit>;
  /** The first line that matches, printed already or to come. Rejects when it ends or `timeoutMs` pass first. */
  waitForLine(matches: (line: string) => boolean, timeoutMs: number): Promise<string>;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
};

/** The result of a program that ran to its end. */
export type Ran = Exit & { readonly stdout: string; readonly stderr: string };

/** Starts a program and keeps what it prints. */
export function startProcess(command: readonly string[], env: Environment = {}): LabProcess {
  const child = spawnDetached(command, env);
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const listener of listeners) listener();
    });
  }
  child.stdin?.end();
  const exited = exitOf(child);
  return {
    pid: child.pid ?? -1,
    lines,
    exited,
    waitForLine(matches, timeoutMs) {
      return new Promise((resolve, reject) => {
        let seen = 0;
        const look = (): void => {
          for (; seen < lines.length; seen += 1) {
            const line = lines[seen] ?? '';
            if (matches(line)) settle(() => resolve(line));
          }
        };
        const fail = (why: string): void => {
          const tail = lines.slice(-20).join('\n');
          settle(() => reject(new Error(`${command.join(' ')}: ${why} before the awaited line. It printed:\n${tail}`)));
        };
        const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
        const settle = (then: () => void): void => {
          clearTimeout(timer);
          listeners.delete(look);
          then();
        };
        listeners.add(look);
        void exited.then(() => fail('it ended'));
        look();
      });
    },
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

/** Runs a program to its end. Never rejects; a program that is not there has code 127. */
export async function runProcess(command: readonly string[], input = '', env: Environment = {}): Promise<Ran> {
  const child = spawnDetached(command, env);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => (texts[name] += chunk));
  }
  child.stdin?.on('error', () => {}).end(input);
  return { ...(await exitOf(child)), ...texts };
}

/**
 * The environment of lab programs: that of the terminal without Heddle's settings, which each program is given anew.
 * Debian keeps ip and iptables in sbin, which an ordinary user's PATH lacks.
 */
export function labEnvironment(env: Environment): NodeJS.ProcessEnv {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HEDDLE_')));
  return { ...inherited, PATH: [process.env['PATH'], '/usr/sbin', '/sbin'].join(delimiter), ...env };
}

/** Detached: Ctrl-C in the terminal reaches the lab's owner alone, which then ends everything in order. */
function spawnDetached(command: readonly string[], env: Environment): ChildProcess {
  const [program = '', ...args] = command;
  return spawn(program, args, { detached: true, env: labEnvironment(env), stdio: ['pipe', 'pipe', 'pipe'] });
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}
