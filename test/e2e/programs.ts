import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { obtain } from '../cluster/build/recipe.ts';
import { tryRun } from '../cluster/process/run.ts';

/** What programs of others are built with, or run as they are. */
const languages = {
  go: {
    tool: ['go', 'version'],
    lack: 'there is no Go: install it from https://go.dev/dl/ into /usr/local/go',
  },
  java: {
    tool: ['javac', '-version'],
    lack: 'there is no Java compiler: sudo apt-get install default-jdk-headless',
  },
  nghttp2: {
    tool: ['h2load', '--version'],
    lack: 'there is no h2load: sudo apt-get install nghttp2-client',
  },
  python: {
    tool: ['python3', '-c', 'import ensurepip, venv'],
    lack: 'there is no Python that can make environments: sudo apt-get install python3-venv',
  },
} as const;

const goBuild = 'CGO_ENABLED=0 exec go build -trimpath -ldflags "-s -w"';

/** The folders below test/e2e/programs, and how what is in each is built. `tool`: the programs that its go.mod names. */
const programs = {
  go: `${goBuild} -o "$OUT/real" .`,
  grpcio: 'python3 -m venv "$OUT" && exec "$OUT/bin/python" -m pip install -r requirements.txt',
  h2spec: `${goBuild} -o "$OUT/" tool`,
  interop: `${goBuild} -o "$OUT/real" .`,
  java: 'exec javac -d "$OUT" *.java',
} as const;

/** Which of these is not here, and what to do about it. */
export async function lacksTool(...names: readonly (keyof typeof languages)[]): Promise<string | undefined> {
  for (const name of names) {
    const { tool, lack } = languages[name];
    if (!(await tryRun(tool)).ok) return lack;
  }
  return undefined;
}

/** The folder with what test/e2e/programs/<name> is built to; from the cache where these sources were built before. */
export async function builtProgram(name: keyof typeof programs): Promise<string> {
  const folder = fileURLToPath(new URL(`programs/${name}`, import.meta.url));
  const files = await readdir(folder);
  const sources = files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const);
  return obtain({
    name: `test-${name}`,
    files: Object.fromEntries(await Promise.all(sources)),
    commands: [['sh', '-c', programs[name]]],
  });
}
