import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { reasonOf } from '../../runtime/reason.ts';
import { CannotLook } from '../cannotLook.ts';
import { explainAsked } from '../explain/explainAsked.ts';
import { look } from '../mesh/look.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { type LookOptions, type OutputOption, parseClient, withLook, withOutput } from '../options.ts';
import { print } from '../output/print.ts';
import { style } from '../output/style.ts';
import { parseRequest } from '../request/parseRequest.ts';
import { judgeCase } from './judgeCase.ts';
import { printJUnit, type Tested } from './junit.ts';
import { type Case, readCases } from './readCases.ts';

type Options = LookOptions & OutputOption & { readonly junit?: string };

const examples = `
Examples:
    $ heddle test cases.yaml -f manifests/ --junit dist/routes.xml

A file of cases:
    cases:
      - name: testers get version 2
        request: GET http://cart.shop/cart
        headers: { x-user: tester }
        from: shop/client
        expect: { backend: 'shop/cart-v2:80', rule: testers }
      - request: http://cart.shop/pay/42
        expect: { backends: { 'bank/payments:80': 100% }, path: /v1/payments/42 }
      - request: http://cart.shop/wishlist
        expect: { status: 404, flag: NR }
Of what is to become of a request one may say: backend, backends with shares, status, grpcStatus (as in
UNIMPLEMENTED), flag, location, path, host, headers (as the endpoint gets them; null for none), route, rule. All that is said must hold of every such request.

Exit code: 0 if all cases hold, 1 if some do not, 2 if that could not be found out.`;

/** Adds `heddle test`. */
export function addTest(program: Command): void {
  const command = program
    .command('test')
    .summary('hold a table of requests against what the mesh does with them')
    .description(
      'Decides each request of a table as a sidecar would, and says where what becomes of it is not what was expected: for CI, on a folder of YAML, before anything is applied.',
    )
    .argument('<cases>', 'YAML file with the cases')
    .option('--junit <file>', "write the results as JUnit's XML, too; - prints it instead")
    .addHelpText('after', examples);
  withOutput(withLook(command)).action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CannotLook(`${file} cannot be read (${reasonOf(error)}); name the file that has the cases`);
  });
  const cases = readCases(text, file);
  const { mesh, namespace, notes } = await look(options);
  const tested = cases.map((one) => ({ name: one.name, problems: problemsOf(mesh, one, namespace) }));
  const { junit } = options;
  if (junit !== undefined && junit !== '-') await writeJUnit(junit, printJUnit(tested, file));
  process.stdout.write(junit === '-' ? printJUnit(tested, file) : print(tested, options.output, renderTested));
  for (const note of notes) process.stderr.write(`heddle: ${note}\n`);
  if (tested.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
}

async function writeJUnit(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: unknown) => {
    throw new CannotLook(
      `${file} cannot be written (${reasonOf(error)}); name a file in a folder that there is, or print the results with --junit -`,
      { cause: error },
    );
  });
}

/** A request that nobody can send, since its Service is not there, has not become what it was to. */
function problemsOf(mesh: Mesh, given: Case, namespace: string | undefined): readonly string[] {
  try {
    const from = given.from === undefined ? undefined : parseClient(given.from);
    const asked = parseRequest(given.request.split(/\s+/), given.headers);
    return judgeCase(given, explainAsked(mesh, asked, { from, namespace }));
  } catch (error) {
    if (error instanceof CannotLook) return [error.message];
    throw error;
  }
}

function renderTested(tested: readonly Tested[]): readonly string[] {
  const failed = tested.filter(({ problems }) => problems.length > 0).length;
  return [
    ...tested.flatMap(({ name, problems }) => [
      `${problems.length === 0 ? style.good('ok    ') : style.bad('failed')}  ${name}`,
      ...problems.map((problem) => `        ${problem}`),
    ]),
    '',
    failed === 0 ? `All ${tested.length} cases hold.` : `${failed} of ${tested.length} cases do not hold.`,
  ];
}
