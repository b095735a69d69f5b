import type { Command } from 'commander';
import { useCluster } from '../cluster/useCluster.ts';
import { findNamespace } from '../install/findInstalled.ts';
import { withNamespace } from '../install/options.ts';
import { type OutputOption, withContext, withOutput } from '../options.ts';
import { print } from '../output/print.ts';
import { checkCluster, checkMesh } from './check.ts';
import { readFacts } from './readFacts.ts';
import { renderFindings } from './render.ts';

type Options = OutputOption & {
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly pre?: true;
  readonly strict?: true;
};

const examples = `
Examples:
  Is the cluster ready for an installation, and may I install?
    $ heddle check --pre
  Is the mesh healthy?
    $ heddle check
  For a script: what is bad or worth a warning.
    $ heddle check --strict -o json | jq '.[] | select(.level != "good")'

Exit code: 0 if nothing is bad, 1 if something is (with --strict also if something is warned of), 2 if that could not be found out.`;

/** Adds \`heddle check\`. */
export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .summary('whether the mesh is healthy, and what mends it')
    .description(
      'Looks at all that the mesh needs: the cluster, agents and injectors, certificates, namespaces and pods, routes and Services. Each line is good, a warning or bad; where it is not good it says why, and the command that mends it.',
    )
    .option('--pre', 'before an installation: whether the cluster is ready, and you may install')
    .option('--strict', 'end with 1 for warnings, too')
    .addHelpText('after', examples);
  withOutput(withContext(withNamespace(command))).action(run);
}

async function run({ pre, strict, output, ...options }: Options): Promise<void> {
  const findings = await useCluster(options, async (api) => {
    const namespace = options.namespace ?? (await findNamespace(api));
    const facts = await readFacts(api, { namespace, isBefore: pre === true });
    return pre === true ? checkCluster(facts) : checkMesh(facts);
  });
  process.stdout.write(print(findings, output, renderFindings));
  const counts = strict === true ? ['bad', 'warning'] : ['bad'];
  if (findings.some(({ level }) => counts.includes(level))) process.exitCode = 1;
}
