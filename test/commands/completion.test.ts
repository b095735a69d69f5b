import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';

const main = path.resolve(import.meta.dirname, '../../commands/main.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'heddle-completion-'));
test.after.always(() => rmSync(folder, { recursive: true }));
writeFileSync(path.join(folder, 'heddle'), `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`, { mode: 0o755 });
writeFileSync(path.join(folder, 'routes.yaml'), '');

/** What bash itself would offer for the last word. */
function offered(line: string): readonly string[] {
  const words = line.split(' ');
  const script = `source <(heddle completion bash)
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_heddle; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env, cwd: folder });
  return stderr === '' ? stdout.trim().split('\n') : [stderr];
}

test('bash completes commands, options, their choices and files', (t) => {
  t.deepEqual(offered('heddle exp'), ['explain']);
  t.true(offered('heddle ').includes('diff'));
  t.false(offered('heddle ').includes('complete'));
  t.deepEqual(offered('heddle explain --ku'), ['--kubeconfig']);
  t.deepEqual(offered('heddle explain -o j'), ['json']);
  t.deepEqual(offered('heddle explain -f rou'), ['routes.yaml']);
  t.deepEqual(offered('heddle diff --base rou'), ['routes.yaml']);
  t.deepEqual(offered('heddle status ser'), ['services', 'service']);
  t.deepEqual(offered('heddle status -n shop ser'), ['services', 'service']);
  t.deepEqual(offered('heddle status routes rou'), ['routes.yaml']);
  t.deepEqual(offered('heddle completion z'), ['zsh']);
});
