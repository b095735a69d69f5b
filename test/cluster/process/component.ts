import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { marker, stateFolder } from '../names.ts';
import { cleanEnvironment, inNetwork, indent, lastLines } from './run.ts';
import { waitUntil } from './progress.ts';

/** A program of the cluster that runs until it is stopped. */
export type Component = {
  readonly name: string;
  /** Its state stands here as `<name>.json`, its log as `logs/<name>.log`; it is also its working folder. */
  readonly folder: string;
  readonly command: readonly string[];
  /** The network namespace it runs in; that of the caller when left out. */
  readonly network?: string;
};

/** `startTime` tells a process from a later one with the same pid. */
type Started = Component & { readonly pid: number; readonly startTime: string };

/** Starts it in the background; its log is appended to. Does nothing when it runs already. */
export async function start(component: Component): Promise<void> {
  const { name, folder, command, network } = component;
  if (await isRunning(component)) return;
  await mkdir(join(folder, 'logs'), { recursive: true });
  const log = await open(logFile(component), 'a');
  const [program = '', ...args] = inNetwork(command, network);
  const child = spawn(program, args, {
    cwd: folder,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    // A control plane by itself is none of the cluster's: taking that down must leave it alone.
    env: { ...cleanEnvironment(), ...(folder.startsWith(stateFolder) && { [marker.name]: marker.value }) },
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${name} could not be started: ${cause.message}`, { cause })));
    child.once('spawn', () => resolve(child.pid ?? -1));
  });
  child.unref();
  await log.close();
  const started: Started = { ...component, pid, startTime: (await startTimeOf(pid)) ?? '' };
  await writeFile(stateFile(folder, name), JSON.stringify(started));
}

/** Starts it and waits until `check` says that it serves. When it ends before, the error has the end of its log. */
export async function startAndWait(component: Component, timeoutMs: number, check: () => Promise<boolean>) {
  await start(component);
  const { name } = component;
  try {
    await waitUntil(`${name} (readiness)`, timeoutMs, async () => {
      if (!(await isRunning(component))) throw new Error(`${name} ended`);
      return check();
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}\n${await logTail(component)}`, { cause: error });
  }
}

/** Ends it by its pid and waits for that; `SIGTERM` becomes SIGKILL after 10 s. Does nothing when it does not run. */
export async function stop(component: Pick<Component, 'name' | 'folder'>, signal: NodeJS.Signals = 'SIGTERM') {
  const started = await read(component);
  if (started === undefined || !(await lives(started))) return;
  process.kill(started.pid, signal);
  const gone = async (): Promise<boolean> => !(await lives(started));
  await waitUntil('', 10_000, gone, 20).catch(async () => {
    process.kill(started.pid, 'SIGKILL');
    await waitUntil(`the end of ${started.name}`, 10_000, gone, 20);
  });
}

/** Starts again, with the same command, what `start` once started. */
export async function startAgain(component: Pick<Component, 'name' | 'folder'>): Promise<void> {
  const started = await read(component);
  if (started === undefined) throw new Error(`${component.name} was never started in ${component.folder}`);
  await start(started);
}

/** Whether the process that was started lives: not another one that was given its pid since. */
export async function isRunning(component: Pick<Component, 'name' | 'folder'>): Promise<boolean> {
  const started = await read(component);
  return started !== undefined && (await lives(started));
}

/** The end of its log with the file's name, for error messages. */
export async function logTail(component: Pick<Component, 'name' | 'folder'>): Promise<string> {
  const text = await readFile(logFile(component), 'utf8').catch(() => '');
  return `${indent(lastLines(text, 12))}\n  All of it: ${logFile(component)}`;
}

async function read({ folder, name }: Pick<Component, 'name' | 'folder'>): Promise<Started | undefined> {
  const file = stateFile(folder, name);
  if (!existsSync(file)) return undefined;
  return JSON.parse(await readFile(file, 'utf8')) as Started;
}

async function lives({ pid, startTime }: Started): Promise<boolean> {
  return (await startTimeOf(pid)) === startTime;
}

/** When a process started, in clock ticks since boot; undefined when there is none, or only its zombie. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // The program's name, in parentheses, may hold blanks: fields are counted from behind it.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' || state === 'Z' ? undefined : fields[18];
}

function stateFile(folder: string, name: string): string {
  return join(folder, `${name}.json`);
}

function logFile({ folder, name }: Pick<Component, 'name' | 'folder'>): string {
  return join(folder, 'logs', `${name}.log`);
}
