import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import manifest from '../../package.json' with { type: 'json' };
import { conformanceRecipe } from '../cluster/build/binaries.ts';
import { obtain } from '../cluster/build/recipe.ts';
import { installHeddle } from '../cluster/installHeddle.ts';
import { clusterAccess, kubectl } from '../cluster/kubectl.ts';
import { alone } from '../cluster/process/lock.ts';
import { say, seconds } from '../cluster/process/progress.ts';
import { tryRun } from '../cluster/process/run.ts';
import { up } from '../cluster/up.ts';
import { readOutput } from './readOutput.ts';
import { judge, table } from './report.ts';
import { type Profile, featuresOf, testsOf } from './suite.ts';

const usage = `npm run test:conformance -- [--profiles MESH-HTTP] [--runs 3] [--test MeshHTTPRouteWeight] [--no-install]`;
const reports = join(import.meta.dirname, '../../dist/conformance');

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

/** Runs the official suite against Heddle on the test cluster. `--no-install` takes the cluster as it is. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      profiles: { type: 'string', default: 'MESH-HTTP,MESH-GRPC' },
      runs: { type: 'string', default: '1' },
      test: { type: 'string' },
      'no-install': { type: 'boolean', default: false },
    },
  });
  const profiles = values.profiles.split(',').filter(isProfile);
  const runs = Number(values.runs);
  if (profiles.join(',') !== values.profiles || !(runs >= 1)) {
    console.error(usage);
    return 1;
  }
  const required = values.test === undefined ? testsOf(profiles) : [values.test];
  return alone(() => runAll({ profiles, runs, required, install: !values['no-install'], only: values.test }));
}

type Plan = {
  readonly profiles: readonly Profile[];
  readonly required: readonly string[];
  readonly runs: number;
  readonly install: boolean;
  readonly only: string | undefined;
};

async function runAll({ profiles, required, runs, install, only }: Plan): Promise<number> {
  await up();
  if (install) await installHeddle();
  const program = join(await obtain(conformanceRecipe()), 'conformance.test');
  await mkdir(reports, { recursive: true });
  let problems = 0;
  for (let number = 1; number <= runs; number += 1) {
    await removeFormer();
    const startedAt = performance.now();
    say(`run ${number} of ${runs}`, `${required.length} tests of ${profiles.join(' and ')}…`);
    const found = await runSuite({
      program,
      profiles,
      required,
      number,
      only,
    });
    problems += found.length;
    const good = required.length - found.length;
    say(`run ${number} of ${runs}`, `${good} of ${required.length} passed after ${seconds(startedAt)}${list(found)}`);
  }
  say('reports', reports);
  return problems === 0 ? 0 : 1;
}

/** The suite does not wait for the end of what it deletes, and cannot use it while it goes. */
async function removeFormer(): Promise<void> {
  const words = ['delete', 'namespace', '-l', 'gateway-conformance', '--ignore-not-found', '--timeout=120s'];
  await kubectl(...words);
}

type Run = {
  readonly program: string;
  readonly profiles: readonly Profile[];
  readonly required: readonly string[];
  readonly number: number;
  readonly only: string | undefined;
};

async function runSuite({ program, profiles, required, number, only }: Run): Promise<string[]> {
  const { kubeconfig, network } = await clusterAccess();
  const flags = [
    `--conformance-profiles=${profiles.join(',')}`,
    `--supported-features=${featuresOf(profiles).join(',')}`,
    '--namespace-labels=heddle.dev/inject=enabled',
    `--report-output=${join(reports, `report-${number}.yaml`)}`,
    '--organization=heddle',
    '--project=heddle',
    '--url=https://heddle.dev',
    `--version=${manifest.version}`,
    '--contact=https://heddle.dev',
    ...(only === undefined ? [] : [`--run-test=${only}`]),
  ];
  const command = [program, '-test.run=TestConformance', '-test.v', '-test.timeout=30m', ...flags];
  const log = join(reports, `run-${number}.log`);
  await rm(log, { force: true });
  const { output, ok, why } = await tryRun(command, {
    log,
    onLine(line) {
      const [, started] = /^=== RUN\s+TestConformance\/(Mesh[^/]+)$/.exec(line) ?? [];
      if (started !== undefined && required.includes(started)) console.error(`  ${started}…`);
    },
    env: { KUBECONFIG: kubeconfig },
    ...(network === undefined ? {} : { network }),
  });
  const results = readOutput(output);
  console.log(table(results, required));
  const problems = judge(results, required);
  // The suite also fails by itself, when its own workloads do not start for instance.
  if (!ok && problems.length === 0) problems.push(`the suite: ${why}`);
  if (results.length === 0) console.log(output.trimEnd().split('\n').slice(-15).join('\n'));
  if (problems.length > 0) say('log', log);
  return problems;
}

function isProfile(name: string): name is Profile {
  return name === 'MESH-HTTP' || name === 'MESH-GRPC';
}

function list(problems: readonly string[]): string {
  return problems.map((problem) => `\n    ${problem}`).join('');
}
