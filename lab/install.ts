import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { missingPackages } from './requirements.ts';

/**
 * Has what the lab needs of Debian's packages, or installs it: says what, and does so only with `--yes` or a terminal's yes,
 * as root directly, else by sudo. `find` says which packages are missing. False when something is missing still; what to do about it is said.
 */
export async function installMissing(consent: 'ask' | 'yes', find = missingPackages): Promise<boolean> {
  const missing = await find();
  if (missing.length === 0) return true;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo'];
  const install = [...sudo, 'apt-get', 'install', '-y', '--no-install-recommends', ...missing];
  console.error(`Missing on this machine: ${missing.join(', ')}. On Debian or Ubuntu: ${install.join(' ')}`);
  if (!(await isThere('apt-get'))) {
    console.error('There is no apt-get here: install them by the means of this system.');
    return false;
  }
  if (consent === 'ask' && !(await ask('Install them now? [y/N] '))) {
    console.error('Nothing was installed. Run that command, or the same again with -- --yes');
    return false;
  }
  // On a fresh system the lists of packages are not there yet.
  for (const command of [[...sudo, 'apt-get', 'update'], install]) {
    const code = await run(command);
    if (code === 0) continue;
    console.error(`${command.join(' ')} failed with code ${code}: see above`);
    return false;
  }
  const left = await find();
  if (left.length > 0) console.error(`Installed, but still not found: ${left.join(', ')}`);
  return left.length === 0;
}

/** False without a terminal: nobody is there to say yes. */
async function ask(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ended = once(terminal, 'close').then(() => '');
  const answer = await Promise.race([terminal.question(question), ended]);
  terminal.close();
  return /^y(?:es)?$/i.test(answer.trim());
}

async function isThere(program: string): Promise<boolean> {
  return (await run(['sh', '-c', `command -v ${program} > /dev/null`])) === 0;
}

async function run([program = '', ...args]: readonly string[]): Promise<number | string> {
  const child = spawn(program, args, { stdio: 'inherit' });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  const failed = once(child, 'error').then(([error]) => [(error as Error).message, null] as const);
  const [code, signal] = await Promise.race([ended, failed]);
  return code ?? signal ?? 1;
}
