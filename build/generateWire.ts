import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';

// `node build/generateWire.ts` writes routing/wire/generated from routing/wire/proto; `--check` only compares.
const root = path.resolve(import.meta.dirname, '..');
const generated = path.join(root, 'routing/wire/generated');
const run = execa({ cwd: root, preferLocal: true, localDir: root });

if (process.argv.includes('--check')) {
  const scratch = await mkdtemp(path.join(tmpdir(), 'heddle-wire-'));
  try {
    await cp(path.join(root, 'buf.gen.yaml'), path.join(scratch, 'buf.gen.yaml'));
    await run`buf generate -o ${scratch}`;
    const result = await run({ reject: false })`diff -r ${path.join(scratch, 'routing/wire/generated')} ${generated}`;
    if (result.exitCode !== 0) {
      console.error(
        `${result.stdout}\nrouting/wire/generated is not what the .proto files say: run 'npm run generate'`,
      );
      process.exitCode = 1;
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
} else {
  await rm(generated, { recursive: true, force: true });
  await run`buf generate`;
}
