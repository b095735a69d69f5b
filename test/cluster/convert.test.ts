import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { installGatewayApi } from './gatewayApi.ts';
import { kubectlCommand, kubectlOf } from './kubectl.ts';
import { tryRun } from './process/run.ts';
import { type LoneControlPlane, startControlPlane } from './startControlPlane.ts';
import { versions } from './versions.ts';

// What the Gateway API's own definitions say of all that test/commands/convert converts: their rules go beyond what the
// agent looks at.
const folder = path.join(import.meta.dirname, '../commands/convert/golden');
let plane: LoneControlPlane;

test.before(async () => {
  plane = await startControlPlane();
  await installGatewayApi({ channel: 'experimental', version: versions.newerGatewayApi.version, access: plane });
  for (const namespace of ['shop', 'reviews', 'books', 'lab', 'test'])
    await kubectlOf(plane, ['create', 'namespace', namespace]);
});
test.after.always(() => plane.close());

for (const name of readdirSync(folder)) {
  test.serial(name.replace('.yaml', '').replaceAll('-', ' '), async (t) => {
    const [, rest = ''] = readFileSync(path.join(folder, name), 'utf8').split('--- # Output\n');
    const [input = ''] = rest.split('--- # Translation\n');
    if (!/^kind:/m.test(input)) return t.pass();
    const words = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'];
    const { ok, output } = await tryRun(kubectlCommand(plane, words), { input });
    return t.true(ok, output);
  });
}
