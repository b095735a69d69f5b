import { access } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runProcess } from '../../lab/process.ts';
import type { Candidate } from './candidates/candidate.ts';
import { ceilingCandidate } from './candidates/ceiling.ts';
import { type Bundle, sidecarCandidates, sidecarFlags } from './candidates/sidecar.ts';
import { openGround } from './ground.ts';
import { meshServices } from './objects.ts';
import { printRow } from './report.ts';
import { idleConnections, idleHttp2, idleStreams, runHeld, slowReaders } from './rows/held.ts';
import { runMeshSize } from './rows/meshSize.ts';
import type { Row } from './rows/row.ts';
import { type Ours, trafficRows } from './rows/rows.ts';
import { runRPCs } from './rows/rpcs.ts';
import { type Plan, runRow } from './run.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    /** Which work; `all` of it. */
    row: { type: 'string', multiple: true, default: ['http', 'tcp'] },
    /** Each twice in each round: as it is, and beside a program that sweeps the caches. */
    noise: { type: 'boolean', default: false },
    /** A ceiling program to run beside the others in the HTTP row. */
    ceiling: { type: 'string' },
    /** A folder with the bundles of another state of ours (its dist/), to run beside the present one. */
    before: { type: 'string' },
    /** Without ours: to try the bench itself. */
    'peers-only': { type: 'boolean', default: false },
    /** More flags for the sidecar's Node. */
    flag: { type: 'string', multiple: true, default: [] },
  },
});

const flags = [...sidecarFlags, ...values.flag];
const before = values.before === undefined ? undefined : path.resolve(values.before);
const bundle: Bundle = {
  name: 'heddle sidecar',
  dist: path.resolve(import.meta.dirname, '../../dist'),
  flags,
  services: meshServices.present,
  portOffset: 0,
  // Near its limit of 10,000 a sidecar closes idle ones, of which a row has as many.
  settings: { HEDDLE_MAX_CONNECTIONS: '12000' },
};
const bundles: readonly Bundle[] = [
  ...(values['peers-only'] ? [] : [bundle]),
  ...(values['peers-only'] || before === undefined
    ? []
    : [{ ...bundle, name: 'heddle sidecar, before', dist: before, services: meshServices.before, portOffset: 1000 }]),
];
const ours: Ours = (() => {
  const each = bundles.map((one) => ({ one, candidates: sidecarCandidates(one) }));
  return (service, name) =>
    each.map(({ one, candidates }) =>
      candidates(service, name === undefined || one === bundle ? name : `${name}, before`),
    );
})();
const traffic = trafficRows(ours, values.ceiling === undefined ? [] : [ceilingCandidate(path.resolve(values.ceiling))]);
const plan: Plan = { rounds: Number(values.rounds), seconds: Number(values.seconds), noise: values.noise };
const rows: Readonly<Record<string, () => Promise<void>>> = {
  ...Object.fromEntries(Object.entries(traffic).map(([name, row]) => [name, () => runTraffic(row)])),
  idle: () => runHeld(idleConnections, ours, plan),
  slow: () => runHeld(slowReaders, ours, plan),
  'http2-idle': () => runHeld(idleHttp2, ours, plan),
  'http2-streams': () => runHeld(idleStreams, ours, plan),
  grpc: () => runRPCs(bundle, plan),
  mesh: () => runMeshSize(bundle, plan),
};

process.exitCode = await main();

async function main(): Promise<number> {
  const names = values.row.includes('all') ? Object.keys(rows) : values.row;
  const chosen = names.flatMap((name) => rows[name] ?? []);
  if (chosen.length !== names.length) return complain(`--row is all, or some of ${Object.keys(rows).join(', ')}`);
  if (!values['peers-only'] && !(await exists(path.join(bundle.dist, 'sidecar.mjs')))) {
    return complain('dist/ is missing: run npm run build first');
  }
  if (before !== undefined && !(await exists(path.join(before, 'sidecar.mjs')))) {
    return complain(`--before is the dist/ of another build: there is no sidecar.mjs in ${before}`);
  }
  const missing = await missingPrograms({ wrk: 'wrk', h2load: 'nghttp2-client', taskset: 'util-linux' });
  if (missing.length > 0) return complain(install(missing));
  for (const run of chosen) await run();
  return 0;
}

async function runTraffic(row: Row): Promise<void> {
  const candidates = await present(row.candidates);
  const ground = await openGround(row.backends);
  try {
    const { measured, foreign } = await runRow({ ...row, candidates }, ground, plan);
    printRow(row, measured.quiet);
    if (plan.noise) printRow(row, measured.noisy, ', beside a program that sweeps the caches');
    if (foreign > 0.1) {
      console.log(`Something else used ${(foreign * 100).toFixed(0)}% of this machine: do not trust these figures.`);
    }
  } finally {
    await ground.close();
  }
}

/** Those whose programs are here; what to install for the others is said. */
async function present(candidates: readonly Candidate[]): Promise<Candidate[]> {
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    const missing = await missingPrograms(candidate.needs);
    if (missing.length === 0) kept.push(candidate);
    else console.log(`${candidate.name} is left out. ${install(missing)}`);
  }
  return kept;
}

async function missingPrograms(programs: Readonly<Record<string, string>>): Promise<string[]> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(programs)) {
    const { code } = await runProcess(['sh', '-c', `command -v ${program}`]);
    if (code !== 0) missing.push(name);
  }
  return missing;
}

function install(packages: readonly string[]): string {
  return `Install: sudo apt-get install --no-install-recommends ${packages.join(' ')}`;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

function complain(message: string): number {
  console.error(message);
  return 1;
}
