import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';

const run = promisify(execFile);

// What the linter must refuse, a line for each wall of the house: of several rules that fit a file only the last counts, so
// each room has to repeat those of its folder.
const rooms = 'observe message balance upstream route exchange http1 tcp detect table serve'.split(' ');
const roles = [
  '../../sidecar/x.ts',
  '../../agent/x.ts',
  '../../injector/x.ts',
  '../../kubernetes/x.ts',
  '../../cli/x.ts',
  '../../commands/x.ts',
];
const refused: readonly (readonly [string, string])[] = [
  ...rooms.flatMap((room) =>
    ['node:net', '../libc.ts', '../socket/handle.ts', ...roles].map((from) => [`proxy/${room}`, from] as const),
  ),
  ...roles.map((from) => ['proxy/socket', from] as const),
  ...rooms.slice(1).map((room) => ['proxy/socket', `../${room}/x.ts`] as const),
  ['proxy/message', '../http1/x.ts'],
  ['proxy/balance', '../upstream/x.ts'],
  ['proxy/upstream', '../exchange/x.ts'],
  ['proxy/upstream', '../http1/x.ts'],
  ['proxy/route', '../exchange/x.ts'],
  ['proxy/exchange', '../serve/x.ts'],
  ['proxy/table', '../serve/x.ts'],
  ['routing/match', 'node:fs'],
  ['routing/match', '../../proxy/x.ts'],
  ['routing/match', '../../agent/x.ts'],
  ['agent/discovery', '../../sidecar/x.ts'],
  ['agent/discovery', '../../proxy/x.ts'],
  ['agent/translate', '../discovery/x.ts'],
  ['agent/translate', '../status/x.ts'],
  ['agent/translate', 'node:crypto'],
  ['agent/translate/httpRoute', '../../../runtime/x.ts'],
  ['agent/cluster', '../status/x.ts'],
  ['agent/cluster', '../../proxy/x.ts'],
  ['sidecar/redirected', '../../agent/x.ts'],
  ['injector/patch', '../../agent/x.ts'],
  ['injector/patch', '../../routing/x.ts'],
  ['kubernetes', '../agent/x.ts'],
  ['runtime', '../routing/x.ts'],
  ['lab', '../agent/x.ts'],
  ['lab', '../routing/x.ts'],
  ['commands/explain', '../../sidecar/x.ts'],
  ['commands/explain', '../../cli/x.ts'],
  ['cli', '../commands/x.ts'],
  ['cli', '../agent/x.ts'],
  ['contract', 'node:fs'],
  ['contract', '../runtime/x.ts'],
];
const allowed: readonly (readonly [string, string])[] = [
  ['proxy/socket', 'node:net'],
  ['proxy/socket', '../libc.ts'],
  ['proxy/serve', '../http1/x.ts'],
  ['proxy/http1', '../upstream/x.ts'],
  ['proxy/exchange', '../route/x.ts'],
  ['proxy/route', '../upstream/x.ts'],
  ['sidecar/redirected', '../../proxy/x.ts'],
  ['agent/translate', '../objects/x.ts'],
  ['agent/translate', '../../routing/x.ts'],
  ['injector/patch', '../../contract/x.ts'],
  ['commands/explain', '../../proxy/route/x.ts'],
  ['commands/mesh', '../../agent/translate/x.ts'],
];

test('the linter refuses every import across a wall, and none that is allowed', async (t) => {
  const folder = temporaryFolder('heddle-lint-');
  const root = path.resolve(import.meta.dirname, '../..');
  await copyFile(path.join(root, '.oxlintrc.json'), path.join(folder, '.oxlintrc.json'));
  const probes = [...refused, ...allowed].map(([room, from], index) => ({ file: `${room}/probe${index}.ts`, from }));
  for (const { file, from } of probes) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), `import { x } from '${from}';\n\nexport const y = x;\n`);
  }
  const command = path.join(root, 'node_modules/.bin/oxlint');
  const { stdout } = await run(command, ['--format', 'json'], { cwd: folder, maxBuffer: 1e8 }).catch(
    (failed: { readonly stdout: string }) => failed,
  );
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly { code: string; filename: string }[] };
  const found = new Set(
    diagnostics.filter(({ code }) => code.includes('no-restricted-imports')).map(({ filename }) => filename),
  );
  const passed = probes.slice(0, refused.length).filter(({ file }) => !found.has(file));
  const wronged = probes.slice(refused.length).filter(({ file }) => found.has(file));
  t.deepEqual(passed, [], 'imports that the linter lets through');
  t.deepEqual(wronged, [], 'imports that it refuses without a reason');
});
