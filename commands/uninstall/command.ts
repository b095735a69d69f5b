import type { Command } from 'commander';
import { systemNamespace } from '../../contract/objects.ts';
import { CannotLook } from '../cannotLook.ts';
import { useCluster } from '../cluster/useCluster.ts';
import { findInstalled } from '../install/findInstalled.ts';
import { readManifestFiles } from '../install/manifestFiles.ts';
import { withNamespace, withWriting, type WriteOptions } from '../install/options.ts';
import { removeManifests } from '../install/removeManifests.ts';
import { manifestsFor } from '../install/settings.ts';
import { yamlOf } from '../install/yamlOf.ts';
import { duration } from '../output/print.ts';
import { say } from '../output/say.ts';
import { readBeside } from './readBeside.ts';
import { whatStays, whoIsInside } from './remains.ts';

type Options = WriteOptions & { readonly namespace?: string; readonly delete?: true; readonly force?: true };

const examples = `
Examples:
  Who is still in the mesh? Delete it if nobody is, and say what stays:
    $ heddle uninstall --delete
  Have kubectl delete it, the webhook first:
    $ heddle uninstall | kubectl delete --ignore-not-found -f -

Exit code: 0 if it was printed, or is gone; 1 if pods are still in the mesh, or something is still there; 2 if it could not be deleted.`;

/** Adds \`heddle uninstall\`. */
export function addUninstall(program: Command): void {
  const command = program
    .command('uninstall')
    .summary('print what uninstalls the mesh, or delete it')
    .description(
      'Prints what kubectl delete -f - takes to take the mesh away, the webhook first: from then on new pods come without a sidecar, and sidecars that run keep what they know. With --delete it deletes that, once no pod is in the mesh any more, waits until it is gone, and says what stays.',
    )
    .option('--delete', 'delete it from the cluster, and wait')
    .option('--force', 'with --delete, also while pods are in the mesh')
    .addHelpText('after', examples);
  withWriting(withNamespace(command)).action(run);
}

async function run({ delete: isMeant, force, ...options }: Options): Promise<void> {
  const { namespace: wanted = systemNamespace } = options;
  if (isMeant === undefined) return say(yamlOf(manifestsFor(readManifestFiles(), { namespace: wanted })).trimEnd());
  return useCluster(options, async (api) => {
    const installed = await findInstalled(api, wanted);
    if (options.namespace !== undefined && installed !== undefined && installed.namespace !== options.namespace)
      throw new CannotLook(`Heddle is installed in ${installed.namespace}; leave -n out, or say that namespace`);
    const namespace = installed?.namespace ?? wanted;
    const inside = whoIsInside(await readBeside(api));
    for (const line of inside) say(line);
    if (inside.length > 0 && force === undefined) {
      say('Take them out by these commands first, or say --force: their sidecars then go on with what they know.');
      process.exitCode = 1;
      return;
    }
    const objects = manifestsFor(readManifestFiles(), { namespace });
    const left = await removeManifests(api, objects, { timeoutMs: options.timeout, tell: say });
    if (left.length > 0) {
      say(`Still there after ${duration(options.timeout)}: ${left.join(', ')}`);
      process.exitCode = 1;
    }
    say('');
    say('What stays:');
    for (const line of whatStays(await readBeside(api))) say(line.startsWith('  ') ? `  ${line}` : `- ${line}`);
  });
}
