import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { type Environment, type LabProcess, type Ran, labEnvironment, runProcess, startProcess } from './process.ts';

/** A program to run in a namespace; `uid` also sets the gid and drops the groups. */
export type Program = {
  readonly command: readonly string[];
  readonly uid?: number;
  readonly env?: Environment;
  readonly input?: string;
};

/**
 * A network namespace that lives as long as its holder: a `cat` that reads a pipe from us, and therefore ends with
 * us however we end, the namespace with it. Nothing has a name in the file system, so nothing can be left behind.
 */
export type NetworkNamespace = {
  readonly pid: number;
  start(program: Program): LabProcess;
  run(program: Program): Promise<Ran>;
  /** Ends the programs that were started here, then the namespace. */
  close(): Promise<void>;
};

/** `user`: with a user namespace around it, in which an ordinary user is root. */
export type Access = 'root' | 'user';

/** Opens a network namespace of its own; `within` puts it into the user namespace of another one. */
export async function openNamespace(access: Access, label: string, within?: number): Promise<NetworkNamespace> {
  const unshare = ['unshare', ...(access === 'user' && within === undefined ? userNamespace : []), '--net', 'cat'];
  const command = within === undefined ? unshare : [...enterUser(within), ...unshare];
  const holder = await startHolder(command, label);
  const pid = holder.pid ?? -1;
  const started = new Set<LabProcess>();
  return {
    pid,
    start(program) {
      const process = startProcess(enterCommand(pid, program), program.env);
      started.add(process);
      void process.exited.then(() => started.delete(process));
      return process;
    },
    run: (program) => runProcess(enterCommand(pid, program), program.input, program.env),
    async close() {
      await Promise.all([...started].map((process) => process.stop('SIGKILL')));
      if (holder.exitCode !== null || holder.signalCode !== null) return;
      holder.stdin?.end();
      await once(holder, 'exit');
    },
  };
}

/** The command line that runs a program in the namespace of a holder; it dies with the one who starts it. */
export function enterCommand(pid: number, { command, uid }: Program): string[] {
  const identity = uid === undefined ? [] : asUid(uid);
  return [...enterUser(pid, '--net'), 'setpriv', '--pdeathsig', 'KILL', ...identity, ...command];
}

/** Options of setpriv that only root can use. The program may still read our files, which may lie below a private folder. */
export function asUid(uid: number): string[] {
  const readAll = ['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search'];
  return ['--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', ...readAll];
}

const userNamespace = ['--user', '--map-root-user'];

function enterUser(pid: number, ...more: readonly string[]): string[] {
  const own = readlinkSync('/proc/self/ns/user') === readlinkSync(`/proc/${pid}/ns/user`);
  const user = own ? [] : ['--user', '--preserve-credentials'];
  return user.length + more.length === 0 ? [] : ['nsenter', '--target', `${pid}`, ...user, ...more, '--'];
}

/** Its environment carries the label, by which `findHolder` finds a kept lab again. */
async function startHolder(command: readonly string[], label: string): Promise<ChildProcess> {
  const [program = '', ...args] = command;
  const holder = spawn(program, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: labEnvironment({ HEDDLE_LAB_HOLDER: label }),
  });
  let said = '';
  holder.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  holder.stdin?.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    holder.once('error', reject);
    holder.once('close', () => reject(new Error(`${command.join(' ')} failed: ${said.trim()}`)));
    // cat echoes: the namespace is there as soon as the echo is.
    holder.stdout?.once('data', () => resolve());
    holder.stdin?.write('\n');
  });
  return holder;
}
