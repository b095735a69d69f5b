import type { Command } from 'commander';
import { CannotLook } from '../cannotLook.ts';
import { readObjects } from '../mesh/look.ts';
import { serviceNames, translateObjects } from '../mesh/mesh.ts';
import { readFiles } from '../mesh/readFiles.ts';
import { collect, type LookOptions, type OutputOption, withCluster, withOutput } from '../options.ts';
import { print } from '../output/print.ts';
import { compareMeshes } from './compareMeshes.ts';
import { mergeObjects } from './mergeObjects.ts';
import { renderChanges } from './render.ts';

type Options = LookOptions & OutputOption & { readonly base?: readonly string[]; readonly prune?: true };

const examples = `
Examples:
  What changes for requests if this file is applied to the cluster?
    $ heddle diff -f new.yaml
  What does a branch change, without a cluster?
    $ heddle diff --base main/manifests -f branch/manifests --prune

Exit code: 0 if nothing changes for any request or status, 1 if something does, 2 if that could not be found out.`;

/** Adds \`heddle diff\`. */
export function addDiff(program: Command): void {
  const command = program
    .command('diff')
    .summary('what would change for requests if files were applied')
    .description(
      'Says what would change for requests, not for text, if files were applied: per Service port the requests that would go elsewhere, each with an example, before and after, and the conditions of routes that would turn bad or good. Renaming a route changes nothing.',
    )
    .requiredOption(
      '-f, --files <path>',
      'what would be applied; a file, a folder or -, and it may stand several times',
      collect,
    )
    .option('--base <path>', 'compare with this file or folder instead of a cluster; may stand several times', collect)
    .option('--prune', 'what the files do not have goes, as with kubectl apply --prune')
    .addHelpText('after', examples);
  withOutput(withCluster(command)).action(run);
}

async function run({ files = [], base, prune, output, ...options }: Options): Promise<void> {
  const applied = await readFiles(files, options.namespace);
  if (applied.length === 0)
    throw new CannotLook(
      `${files.join(', ')} has nothing that the mesh goes by; name the files of Services and routes`,
    );
  const namespaces = [...new Set(applied.map(({ meta }) => meta.namespace))];
  const { objects, live, notes } = await readObjects(
    { ...options, ...(base !== undefined && { files: base }), insteadOfCluster: '--base' },
    namespaces,
  );
  const merged = mergeObjects(objects, applied, { prune: prune === true, nowMs: Date.now() });
  const changes = compareMeshes(
    translateObjects(objects, live),
    translateObjects(merged, live.intersection(serviceNames(merged))),
  );
  process.stdout.write(print(changes, output, renderChanges));
  for (const note of notes) process.stderr.write(`heddle: ${note}\n`);
  if (changes.ports.length > 0 || changes.statuses.length > 0) process.exitCode = 1;
}
