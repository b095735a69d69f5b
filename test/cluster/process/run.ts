import { createInterface } from 'node:readline';
import { execa } from 'execa';

export type RunOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
  /** A network namespace by its name in /run/netns. */
  readonly network?: string;
  /** Also sends what the command prints there; it is named when the command fails. */
  readonly log?: string;
  /** Is given each line that the command prints, as it comes. */
  readonly onLine?: (line: string) => void;
};

/** Runs a command to its end and gives its standard output. Throws with the command and the last lines it printed. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await tryRun(command, options);
  if (result.ok) return result.stdout;
  const where = options.log === undefined ? '' : `\n  All of it: ${options.log}`;
  throw new Error(`${describe(command)}: ${result.why}\n${indent(lastLines(result.output, 15))}${where}`);
}

export type RunResult = {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, as they came. */
  readonly output: string;
  readonly why: string;
};

/** Runs a command to its end. Never rejects; `why` says how it failed. */
export async function tryRun(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program = '', ...args] = inNetwork(command, options.network);
  const running = execa(program, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.log === undefined ? {} : { stdout: ['pipe', { file: options.log, append: true }] }),
    ...(options.log === undefined ? {} : { stderr: ['pipe', { file: options.log, append: true }] }),
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    env: { ...cleanEnvironment(), ...options.env },
    extendEnv: false,
    all: true,
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 200_000_000,
  });
  const { onLine } = options;
  if (onLine !== undefined) createInterface({ input: running.all }).on('line', onLine);
  const result = await running;
  const why = result.failed ? reason(result.exitCode, result.shortMessage ?? '') : '';
  return {
    ok: !result.failed,
    stdout: text(result.stdout),
    stderr: text(result.stderr),
    output: text(result.all),
    why,
  };
}

/** The command as it runs in a network namespace. `ip netns exec` would hide /sys/fs/cgroup. */
export function inNetwork(command: readonly string[], network?: string): readonly string[] {
  return network === undefined ? command : ['nsenter', `--net=/run/netns/${network}`, '--', ...command];
}

const systemFolders = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/go/bin';

/**
 * Ours, without proxies, which nothing inside the cluster's network could reach. The system's folders come first in
 * PATH: npm puts node_modules/.bin before them, where an `nft` that is no nftables would break kube-proxy.
 */
export function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || /^(https?|all|no)_proxy$/i.test(name) ? [] : [[name, value] as const],
  );
  const env = Object.fromEntries(kept);
  return { ...env, PATH: `${systemFolders}:${env['PATH'] ?? ''}` };
}

/** The last lines of a text that are not empty. */
export function lastLines(output: string, count: number): string {
  return output.trimEnd().split('\n').slice(-count).join('\n');
}

/** The text two columns further in. */
export function indent(output: string): string {
  return output.replaceAll(/^/gm, '    ');
}

function describe(command: readonly string[]): string {
  const line = command.join(' ');
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}

function reason(exitCode: number | undefined, shortMessage: string): string {
  return exitCode === undefined ? (shortMessage.split('\n')[0] ?? 'failed') : `exit code ${exitCode}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
