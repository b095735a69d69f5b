import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { bundle } from '../../build/bundle.ts';

const prompt = '$ heddle ';

/** The command bundled as it is shipped; `remove` it in the end. */
export async function bundleCommand(): Promise<{ readonly program: string; remove(): void }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'heddle-command-'));
  await bundle(folder, { sourceMap: 'none' });
  return { program: path.join(folder, 'heddle.mjs'), remove: () => rmSync(folder, { recursive: true }) };
}

/** Runs it with words, and a file behind ` < `, as a shell would split and read them; what it prints, errors behind, and its exit code where it is not 0. */
async function run(program: string, line: string, cwd: string): Promise<string> {
  const [asked = '', input] = line.split(' < ');
  const words = Array.from(asked.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? '');
  const env = { ...process.env, KUBECONFIG: '/dev/null' };
  const child = spawn(process.execPath, [program, ...words], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input === undefined ? '' : readFileSync(path.join(cwd, input)));
  const code = new Promise((resolve) => child.on('close', resolve));
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = await code;
  return `${out}${errors}${ended === 0 ? '' : `[exit code ${String(ended)}]\n`}`;
}

/** A text with `$ heddle …` lines in it, each of them followed by what the command prints now. */
export async function retold(program: string, transcript: string, cwd: string): Promise<string> {
  let told = '';
  for (const line of transcript.split('\n').filter((one) => one.startsWith(prompt)))
    told += `${told === '' ? '' : '\n'}${line}\n${await run(program, line.slice(prompt.length), cwd)}`;
  return told;
}
