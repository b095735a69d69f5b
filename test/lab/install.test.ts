import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { runProcess } from '../../lab/process.ts';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';

const root = path.resolve(import.meta.dirname, '../..');
const program = `
  import { existsSync } from 'node:fs';
  import { installMissing } from '${root}/lab/install.ts';
  const [consent, made] = process.argv.slice(1);
  process.exit((await installMissing(consent, async () => (existsSync(made) ? [] : ['iptables']))) ? 0 : 3);`;

/** A machine without iptables: programs of this one, and an apt-get (and sudo) that notes what it is asked to do. */
async function machine(aptGet: 'works' | 'fails' | 'none') {
  const folder = temporaryFolder('heddle-install-');
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  for (const name of ['sh', 'script', 'touch']) {
    const { stdout } = await runProcess(['sh', '-c', `command -v ${name}`]);
    await symlink(stdout.trim(), path.join(bin, name));
  }
  const log = path.join(folder, 'log');
  await writeFile(log, '');
  const made = path.join(folder, 'iptables');
  const does = aptGet === 'fails' ? 'exit 100' : `[ "$1" = update ] || touch ${made}`;
  const write = (name: string, body: string) =>
    writeFile(path.join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  if (aptGet !== 'none') await write('apt-get', `echo "apt-get $*" >> ${log}\n${does}`);
  await write('sudo', 'exec "$@"');
  return {
    run: (command: readonly string[]) => runProcess(['/usr/bin/env', `PATH=${bin}`, ...command]),
    asked: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
    command: (consent: 'ask' | 'yes') => [process.execPath, '--input-type=module', '-e', program, consent, made],
  };
}

const asked = ['apt-get update', 'apt-get install -y --no-install-recommends iptables'];

test('with --yes what is missing is named and installed', async (t) => {
  const { run, asked: commands, command } = await machine('works');
  const { code, stderr } = await run(command('yes'));
  t.is(code, 0, stderr);
  t.regex(stderr, /Missing on this machine: iptables\. .*apt-get install -y --no-install-recommends iptables/);
  t.deepEqual(await commands(), asked);
});

test('without a terminal and without --yes nothing is installed, and what to do is said', async (t) => {
  const { run, asked: commands, command } = await machine('works');
  const { code, stderr } = await run(command('ask'));
  t.is(code, 3);
  t.regex(stderr, /Missing on this machine: iptables\./);
  t.regex(stderr, /Nothing was installed\. Run that command, or the same again with -- --yes/);
  t.deepEqual(await commands(), []);
});

for (const [answer, installs] of [
  ['y', true],
  ['n', false],
  ['', false],
] as const) {
  test(`a terminal's "${answer}" ${installs ? 'installs it' : 'installs nothing'}`, async (t) => {
    const { run, asked: commands, command } = await machine('works');
    const quoted = command('ask').map((part) => `'${part.replaceAll("'", String.raw`'\''`)}'`);
    const { code } = await run(['sh', '-c', `echo '${answer}' | script -qec "$0" /dev/null`, quoted.join(' ')]);
    t.is(code, installs ? 0 : 3);
    t.deepEqual(await commands(), installs ? asked : []);
  });
}

test('an apt-get that fails, or is not there, is said', async (t) => {
  const failing = await machine('fails');
  const failed = await failing.run(failing.command('yes'));
  t.is(failed.code, 3);
  t.regex(failed.stderr, /apt-get update failed with code 100/);
  const without = await machine('none');
  const said = await without.run(without.command('yes'));
  t.is(said.code, 3);
  t.regex(said.stderr, /There is no apt-get here/);
});
