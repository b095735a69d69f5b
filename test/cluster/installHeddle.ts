import { existsSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { kubectl, waitForRollout } from './kubectl.ts';
import { loadImage } from './loadImage.ts';
import { step } from './process/progress.ts';
import { run } from './process/run.ts';

const root = join(import.meta.dirname, '../..');
const overlay = 'manifests/overlays/two-nodes';
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Builds the image of this very state, loads it into both nodes, applies the manifests and waits until all is ready. */
export async function installHeddle(): Promise<void> {
  if (!existsSync(join(root, overlay)))
    throw new Error(`${overlay} is not there: this state of Heddle cannot be installed`);
  const { version } = manifest;
  await step('heddle image', 'built', () => run([process.execPath, 'build/image.ts'], { cwd: root }));
  const tar = join(root, 'dist/image', `heddle-${version}-${architectures[process.arch] ?? process.arch}.tar`);
  await step('heddle image', 'loaded', () => loadImage(tar));
  await step('heddle', 'ready', async () => {
    await kubectl('apply', '--server-side', '--force-conflicts', '-k', join(root, overlay));
    // The image may be another one under the same name, so what runs must start anew.
    await kubectl('-n', 'heddle-system', 'rollout', 'restart', 'daemonset/heddle-agent', 'deployment/heddle-injector');
    await waitForRollout('heddle-system', ['daemonset/heddle-agent', 'deployment/heddle-injector']);
  });
}
