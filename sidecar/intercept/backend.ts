import { readFile } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { execa } from 'execa';
import type { Family } from './rules.ts';

/** The programs to be used, and what the nat table holds now as `iptables-save -t nat` prints it. */
export type Backend = { readonly command: string; readonly saved: string };

const programs = { 4: 'iptables', 6: 'ip6tables' } as const satisfies Record<Family, string>;
const tableNames = { 4: 'ip_tables_names', 6: 'ip6_tables_names' } as const satisfies Record<Family, string>;

/**
 * Finds the iptables that rules this network namespace: legacy where its nat table is in use already, nft
 * otherwise. Throws an error that says what to install or which permission to give.
 */
export async function findBackend(family: Family): Promise<Backend> {
  let failure: string | undefined;
  for (const command of await candidates(family)) {
    const found = await run(`${command}-save`, ['-t', 'nat']);
    if (found.ok) return { command, saved: found.stdout };
    if (found.missing) continue;
    if (isPermission(found.message)) throw new Error(explain(found.message));
    failure ??= found.message;
  }
  throw new Error(failure ?? `${programs[family]} is not installed: apt-get install iptables`);
}

/** Applies restore text to the nat table, all of it or nothing. Throws what iptables said. */
export async function restore(backend: Backend, text: string): Promise<void> {
  const result = await run(`${backend.command}-restore`, ['--noflush', '-w', '5'], text);
  if (!result.ok) throw new Error(explain(result.message));
}

/** Runs `ip`; throws what it said. */
export async function ip(args: readonly string[]): Promise<void> {
  const result = await run('ip', args);
  if (result.ok) return;
  throw new Error(result.missing ? 'ip is not installed: apt-get install iproute2' : explain(result.message));
}

/** Asking legacy iptables for its rules creates its table, so it is asked only where that table exists, or last. */
async function candidates(family: Family): Promise<string[]> {
  const program = programs[family];
  const tables = await readFile(`/proc/self/net/${tableNames[family]}`, 'utf8').catch(() => '');
  if (tables.split('\n').includes('nat')) return [`${program}-legacy`, program];
  return [`${program}-nft`, program, `${program}-legacy`];
}

type Ran =
  | { readonly ok: true; readonly stdout: string }
  | { readonly ok: false; readonly missing: boolean; readonly message: string };

async function run(command: string, args: readonly string[], input = ''): Promise<Ran> {
  // Debian keeps these programs in sbin, which is not in an ordinary user's PATH.
  const env = { PATH: [process.env['PATH'], '/usr/sbin', '/sbin'].join(delimiter) };
  const result = await execa(command, args, { input, env, reject: false });
  if (!result.failed) return { ok: true, stdout: result.stdout };
  const said = result.stderr.trim();
  const message = `${command}: ${said === '' ? (result.originalMessage ?? 'failed') : said}`;
  return { ok: false, missing: result.code === 'ENOENT', message };
}

function isPermission(message: string): boolean {
  return /permission denied|not permitted|must be root/i.test(message);
}

function explain(message: string): string {
  if (isPermission(message)) {
    return `${message}\nRun it as root in the pod's network namespace, or give the container the capabilities NET_ADMIN and NET_RAW`;
  }
  if (/invalid argument/i.test(message)) {
    return `${message}\nIn a user namespace the sidecar's uid may be unknown: set HEDDLE_SIDECAR_MARK, for the sidecar too`;
  }
  return message;
}
