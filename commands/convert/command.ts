import { type Command, InvalidArgumentError, Option } from 'commander';
import { CannotLook } from '../cannotLook.ts';
import { readTexts } from '../mesh/readTexts.ts';
import { collect } from '../options.ts';
import { some } from '../output/words.ts';
import { type Conversion, convert } from './convert.ts';
import { printJson, printYaml } from './print.ts';
import { readObjects } from './readObjects.ts';
import { sentence } from './remark.ts';

type Options = {
  readonly files: readonly string[];
  readonly output: 'yaml' | 'json';
  readonly gateway?: string;
};

const examples = `
Examples:
  What the Ingresses and VirtualServices of a folder are as routes, to be read before they are applied:
    $ heddle convert -f manifests/ > routes.yaml
  What is in the cluster, with the Services that say what names of ports mean:
    $ kubectl get ingress,service -n shop -o yaml | heddle convert -f -

Exit code: 0 if routes say all of it, 1 if something is lost or changes its meaning (each on standard error, and as a
comment at the head of the YAML), 2 if there is nothing to convert or it cannot be read.`;

/** Adds \`heddle convert\`. */
export function addConvert(program: Command): void {
  program
    .command('convert')
    .summary('Ingresses, VirtualServices, TrafficSplits and such as routes of the Gateway API')
    .description(
      "Converts Ingresses with the common annotations of ingress-nginx, Istio's VirtualServices with the subsets of DestinationRules, Linkerd's HTTPRoutes and SMI's TrafficSplits into HTTPRoutes, and names each field that no route says. Nothing is applied.",
    )
    .requiredOption(
      '-f, --files <path>',
      'a file or folder of YAML; - is standard input, and it may stand several times. Services in it say what ports and subsets are',
      collect,
    )
    .option(
      '--gateway <name>',
      'the Gateway that routes of Ingresses stand under; the class of the Ingress without it',
      parseName,
    )
    .addOption(new Option('-o, --output <format>', 'how it is printed').choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', examples)
    .action(run);
}

async function run({ files, output, gateway }: Options): Promise<void> {
  const values: unknown[] = [];
  for (const [file, text] of await readTexts(files)) {
    const { values: own, problems } = readObjects(text);
    if (problems.length > 0)
      throw new CannotLook(
        problems.map((problem) => `${file}: ${problem.replace(/[:.]$/, '')}; correct the YAML`).join('\n'),
      );
    values.push(...own);
  }
  const conversion = convert(values, { gateway });
  if (conversion.found === 0) throw new CannotLook(nothingToConvert(conversion));
  process.stdout.write(output === 'json' ? printJson(conversion) : printYaml(conversion));
  const lost = conversion.remarks.filter(({ type }) => type === 'lost');
  const notes = conversion.remarks.filter(({ type }) => type === 'note');
  for (const remark of lost) process.stderr.write(`not converted: ${sentence(remark)}\n`);
  for (const remark of notes) process.stderr.write(`to be known: ${sentence(remark)}\n`);
  if (lost.length > 0) process.exitCode = 1;
}

function nothingToConvert({ remarks, others }: Conversion): string {
  const told = remarks.map(({ object, path, message }) => `${object} (${path === '' ? '' : `${path}: `}${message})`);
  const all = [...told, ...others];
  const names = all.length === 0 ? '' : `, only ${some(all)}`;
  return `there is nothing to convert${names}; give Ingresses, VirtualServices, Linkerd's HTTPRoutes or TrafficSplits, as apiVersions that there are`;
}

function parseName(name: string): string {
  if (!/^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/.test(name))
    throw new InvalidArgumentError("Give the name of a Gateway in the Ingress's own namespace, as in public.");
  return name;
}
