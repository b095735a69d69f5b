import type { Command } from 'commander';
import { systemNamespace } from '../../contract/objects.ts';
import type { Api } from '../../kubernetes/api.ts';
import manifest from '../../package.json' with { type: 'json' };
import { CannotLook } from '../cannotLook.ts';
import { useCluster } from '../cluster/useCluster.ts';
import { duration } from '../output/print.ts';
import { say } from '../output/say.ts';
import { applyManifests } from './applyManifests.ts';
import { findInstalled } from './findInstalled.ts';
import { imageOfVersion, installedSettings } from './installedSettings.ts';
import { yamlOf } from './yamlOf.ts';
import { kustomize, type Manifest } from './kustomize.ts';
import { readManifestFiles } from './manifestFiles.ts';
import { type SettingOptions, settingsIn, withSettings, withWriting, type WriteOptions } from './options.ts';
import { type InstallSettings, manifestsFor } from './settings.ts';
import { waitRollouts } from './waitRollouts.ts';

type Options = SettingOptions & WriteOptions & { readonly apply?: true };

const installExamples = `
Examples:
  Look at it, then have kubectl apply it:
    $ heddle install --image registry.example.com/heddle:${manifest.version} | kubectl apply -f -
  Apply it and wait until agents and injectors are ready:
    $ heddle install --image registry.example.com/heddle:${manifest.version} --apply
  For a small cluster, with less memory for sidecars:
    $ heddle install --replicas 1 --sidecar-resources limits.memory=128Mi --apply

Exit code: 0 if it was printed, or applied and is ready; 1 if it was applied and is not ready in time; 2 if it could not be applied.`;

const upgradeExamples = `
Examples:
  What would be applied:
    $ heddle upgrade | kubectl diff -f -
  Apply it and wait:
    $ heddle upgrade --apply
  The same version with three injectors:
    $ heddle upgrade --replicas 3 --apply

Exit code: 0 if it was printed, or applied and is ready; 1 if it was applied and is not ready in time; 2 if it could not be applied.`;

/** Adds `heddle install` and `heddle upgrade`. */
export function addInstall(program: Command): void {
  const install = program
    .command('install')
    .summary('print what installs the mesh, or apply it')
    .description(
      `Prints what kubectl apply -f - takes to install Heddle ${manifest.version}: the manifests of the repository (manifests/default), as the options say. With --apply it applies them by server-side apply and waits until agents and injectors are ready. It takes the rights of a cluster-admin.`,
    )
    .option('--apply', 'apply it to the cluster, and wait')
    .addHelpText('after', installExamples);
  withWriting(withSettings(install)).action(runInstall);
  const upgrade = program
    .command('upgrade')
    .summary('print what upgrades the mesh to the version of this command, or apply it')
    .description(
      `Prints what kubectl apply -f - takes to bring the Heddle of the cluster to version ${manifest.version}. What was chosen before stays where no option says else: where its image comes from, the number of injectors, resources. Pods keep their sidecar until they are restarted, and are served meanwhile.`,
    )
    .option('--apply', 'apply it to the cluster, and wait')
    .addHelpText('after', upgradeExamples);
  withWriting(withSettings(upgrade)).action(runUpgrade);
}

async function runInstall({ apply, ...options }: Options): Promise<void> {
  const settings = settingsIn(options);
  const objects = manifestsFor(readManifestFiles(), settings);
  if (apply === undefined) return say(yamlOf(objects).trimEnd());
  const { namespace = systemNamespace } = settings;
  return useCluster(options, async (api) => {
    const installed = await findInstalled(api, namespace);
    if (installed !== undefined && installed.namespace !== namespace)
      throw new CannotLook(
        `Heddle is installed in ${installed.namespace} already, and a cluster has one; change it with heddle upgrade, or take it away with heddle uninstall -n ${installed.namespace}`,
      );
    const { image } = kustomize(readManifestFiles(), settings.image);
    const before = installed?.workloads && installedSettings(installed.workloads).image;
    if (before !== undefined && before !== image)
      throw new CannotLook(
        `Heddle is installed already, with image ${before}; change it with heddle upgrade, which keeps what was chosen`,
      );
    if (!(await applyAndWait(api, objects, { ...options, namespace }))) return;
    say(
      `Heddle ${manifest.version} is installed in ${namespace}. New pods of a namespace get sidecars once it says so:`,
    );
    say('  kubectl label namespace NAME heddle.dev/inject=enabled');
  });
}

async function runUpgrade({ apply, ...options }: Options): Promise<void> {
  return useCluster(options, async (api) => {
    const { namespace: wanted = systemNamespace } = options;
    const installed = await findInstalled(api, wanted);
    if (installed?.workloads === undefined)
      throw new CannotLook(
        `Heddle is not installed in ${installed?.namespace ?? wanted}, or not whole; heddle install --apply installs it`,
      );
    if (options.namespace !== undefined && options.namespace !== installed.namespace)
      throw new CannotLook(
        `Heddle is installed in ${installed.namespace} and cannot move; leave -n out, or uninstall it there first`,
      );
    const before = installedSettings(installed.workloads);
    const settings = mergeSettings(before, settingsIn(options));
    const objects = manifestsFor(readManifestFiles(), { ...settings, namespace: installed.namespace });
    if (apply === undefined) return say(yamlOf(objects).trimEnd());
    const { image } = settings;
    say(image === before.image ? `Image ${image} stays` : `From image ${before.image} to ${image}`);
    if (!(await applyAndWait(api, objects, { ...options, namespace: installed.namespace }))) return;
    say('Pods keep the sidecar that they have until they are restarted; heddle check says which ones and how.');
  });
}

/** What was said, and where nothing was, what is there. Throws CannotLook where the image of the new version cannot be known. */
function mergeSettings(
  before: InstallSettings & { readonly image: string },
  said: InstallSettings,
): InstallSettings & { readonly image: string } {
  const image = said.image ?? imageOfVersion(before.image, manifest.version);
  if (image === undefined)
    throw new CannotLook(
      `the image is ${before.image}, and its digest cannot name another version; say it with --image`,
    );
  return {
    ...before,
    ...said,
    image,
    agent: { ...before.agent, ...said.agent },
    injector: { ...before.injector, ...said.injector },
    sidecar: { ...before.sidecar, ...said.sidecar },
  };
}

/** Whether it is ready in time; else why not is told, and the exit code is 1. */
async function applyAndWait(
  api: Api,
  objects: readonly Manifest[],
  { namespace, timeout }: { readonly namespace: string; readonly timeout: number },
): Promise<boolean> {
  await applyManifests(api, objects, say);
  const open = await waitRollouts(api, { namespace, timeoutMs: timeout, tell: say });
  if (open.length === 0) return true;
  say(`Not ready after ${duration(timeout)}:`);
  for (const line of open) say(`  ${line}`);
  process.exitCode = 1;
  return false;
}
