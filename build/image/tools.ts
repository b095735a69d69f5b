import { execa } from 'execa';

/** The Debian package of each program that building an image calls. */
const providers = {
  mmdebstrap: 'mmdebstrap',
  tar: 'tar',
  'x86_64-linux-gnu-strip': 'binutils-x86-64-linux-gnu',
  'aarch64-linux-gnu-strip': 'binutils-aarch64-linux-gnu',
} as const;

/** Runs a program to its end. Throws an error with what it said, or with the command that installs it. */
export async function runTool(command: keyof typeof providers, args: readonly string[]): Promise<void> {
  const result = await execa(command, args, { reject: false, stdin: 'ignore' });
  if (!result.failed) return;
  if (result.code === 'ENOENT') throw new Error(`${command} is missing: sudo apt-get install ${providers[command]}`);
  throw new Error(`${command} failed: ${result.stderr.trim()}`);
}
