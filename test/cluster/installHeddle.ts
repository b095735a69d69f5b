import { existsSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { kubectl, waitForRollout } from './kubectl.ts';
import { loadImage } from './loadImage.ts';
import { step, waitUntil } from './process/progress.ts';
import { run } from './process/run.ts';
import { gated, submit } from './support/admission.ts';
import { injected } from './support/namespace.ts';
import { initNames, type Pod } from './support/pods.ts';

const root = join(import.meta.dirname, '../..');
/** As this state of Heddle has them. */
export const manifests = join(root, 'manifests');
const overlay = 'overlays/two-nodes';
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Builds the image of this very state, loads it into both nodes, applies the manifests and waits until all is ready. */
export async function installHeddle(): Promise<void> {
  if (!existsSync(join(manifests, overlay)))
    throw new Error(`manifests/${overlay} is not there: this state of Heddle cannot be installed`);
  const { version } = manifest;
  await step('heddle image', 'built', () => run([process.execPath, 'build/image.ts'], { cwd: root }));
  const tar = join(root, 'dist/image', `heddle-${version}-${architectures[process.arch] ?? process.arch}.tar`);
  await step('heddle image', 'loaded', () => loadImage(tar));
  await step('heddle', 'ready', async () => {
    await applyHeddle(manifests);
    // The image may be another one under the same name, so what runs must start anew.
    await kubectl('-n', 'heddle-system', 'rollout', 'restart', 'daemonset/heddle-agent', 'deployment/heddle-injector');
    await waitForHeddle();
  });
}

/** Applies the manifests in a folder, for two nodes, and waits until all is ready. */
export async function applyHeddle(folder: string): Promise<void> {
  await kubectl('apply', '--server-side', '--force-conflicts', '-k', join(folder, overlay));
  await waitForHeddle();
}

/** Deletes what the manifests in a folder made, and waits until it is gone. */
export async function deleteHeddle(folder: string): Promise<void> {
  await kubectl('delete', '-k', join(folder, overlay), '--timeout=300s', '--ignore-not-found');
}

/** Waits until agents and injectors have rolled out, and pods are injected. */
export async function waitForHeddle(): Promise<void> {
  await waitForRollout('heddle-system', ['daemonset/heddle-agent', 'deployment/heddle-injector']);
  await waitForAdmission();
}

/** Waits until the API server reaches an injector: kube-proxy leads it there only a moment after that one is ready. */
export async function waitForAdmission(): Promise<void> {
  await waitUntil('an injected pod', 120_000, async () => {
    const asks = gated('default', 'admitted', { labels: injected });
    const { spec } = await submit(asks, '--dry-run=server').catch(() => ({ spec: {} as Pod['spec'] }));
    return initNames({ spec }).includes('heddle-sidecar');
  });
}
