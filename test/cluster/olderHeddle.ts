import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';
import manifest from '../../package.json' with { type: 'json' };
import { olderCommit } from '../olderSources.ts';
import { obtain, type Recipe } from './build/recipe.ts';
import { loadImage } from './loadImage.ts';
import { nodes } from './names.ts';
import { ctr } from './node/containerd.ts';
import { run, tryRun } from './process/run.ts';

/** A Heddle to upgrade from, with a version, and so an image, of its own. */
export type OlderHeddle = {
  readonly version: string;
  /** What it is made of, for people. */
  readonly from: string;
  /** A folder like `manifests`. */
  readonly manifests: string;
  /** Brings its image to both nodes. */
  load(): Promise<void>;
};

const root = join(import.meta.dirname, '../..');

/**
 * Heddle as it was at the commit that HEDDLE_UPGRADE_FROM names, or at a fixed one; built unless it is in the cache. In a
 * clone without that much history it is the present content under another version, and `from` says so. Throws when the
 * commit that was asked for is not there.
 */
export async function olderHeddle(): Promise<OlderHeddle> {
  const asked = process.env['HEDDLE_UPGRADE_FROM'] ?? '';
  const { ok, stdout } = await git(
    'rev-parse',
    '--verify',
    '--quiet',
    `${asked === '' ? olderCommit : asked}^{commit}`,
  );
  if (ok) return ofCommit(stdout.trim());
  if (asked === '') return ofPresent();
  throw new Error(`HEDDLE_UPGRADE_FROM=${asked} is no commit of this clone; name one, or fetch it`);
}

async function ofCommit(commit: string): Promise<OlderHeddle> {
  const short = commit.slice(0, 7);
  const was = JSON.parse((await git('show', `${commit}:package.json`)).stdout) as { readonly version: string };
  const version = `${was.version}-${short}`;
  const folder = await obtain(recipe(commit, was.version, version));
  return {
    version,
    from: `commit ${short}`,
    manifests: join(folder, 'manifests'),
    load: () => loadImage(join(folder, 'image.tar')),
  };
}

function recipe(commit: string, was: string, version: string): Recipe {
  return {
    name: `heddle-${commit.slice(0, 7)}`,
    inputs: [commit],
    places: { REPOSITORY: root, NODE: process.execPath },
    env: { HEDDLE_REVISION: commit },
    commands: [
      ['sh', '-ec', `git -c safe.directory='*' -C "$REPOSITORY" archive ${commit} | tar -x`],
      ['sh', '-ec', `if cmp -s package-lock.json "$REPOSITORY/package-lock.json"; then ${present}; else npm ci; fi`],
      ...marks.map(({ file, text }) => ['sh', '-ec', mark, file, text(was), text(version)]),
      ['sh', '-ec', '"$NODE" build/image.ts; mv dist/image/heddle-*.tar "$OUT/image.tar"; mv manifests "$OUT/"'],
    ],
  };
}

const present = 'ln -s "$REPOSITORY/node_modules" node_modules';
const mark = 'sed -i "s/$1/$2/" "$0"';

/** Where a version stands that tells two Heddles apart in a cluster, the image's name before all; not each in any state. */
const marks = [
  { file: 'package.json', text: (version: string) => `"version": "${version}"` },
  { file: 'manifests/default/kustomization.yaml', text: (version: string) => `newTag: ${version}` },
  { file: 'manifests/default/injector/deployment.yaml', text: (version: string) => `value: ${version}` },
] as const;

/** The image that `installHeddle` loaded, under one more name. */
async function ofPresent(): Promise<OlderHeddle> {
  const version = `${manifest.version}-same`;
  const folder = temporaryFolder('heddle-older-');
  await cp(join(root, 'manifests'), join(folder, 'manifests'), { recursive: true });
  for (const { file, text } of marks.slice(1)) {
    const content = await readFile(join(folder, file), 'utf8');
    await writeFile(join(folder, file), content.replace(text(manifest.version), text(version)));
  }
  const name = 'docker.io/library/heddle';
  return {
    version,
    from: `the same content, since this clone has no commit ${olderCommit.slice(0, 7)}`,
    manifests: join(folder, 'manifests'),
    async load() {
      for (const node of nodes) {
        await run([...ctr(node), 'images', 'tag', '--force', `${name}:${manifest.version}`, `${name}:${version}`]);
      }
    },
  };
}

/** Also in a clone that belongs to another user, as CI may have. */
function git(...words: readonly string[]) {
  return tryRun(['git', '-c', 'safe.directory=*', '-C', root, ...words]);
}
