import { access } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runProcess } from '../../lab/process.ts';
import type { Candidate } from './candidates/candidate.ts';
import { ceilingCandidate } from './candidates/ceiling.ts';
import { haproxyHttp, haproxySplice, haproxyTcp } from './candidates/haproxy.ts';
import { nginxHttp } from './candidates/nginx.ts';
import { sidecarCandidates, sidecarFlags } from './candidates/sidecar.ts';
import { openGround } from './ground.ts';
import { meshServices } from './objects.ts';
import { printRow } from './report.ts';
import { driveHttp, driveTcp, type Row } from './rows.ts';
import { runRow } from './run.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    /** `http`, `tcp`, or both. */
    row: { type: 'string', multiple: true, default: ['http', 'tcp'] },
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
const dist = path.resolve(import.meta.dirname, '../../dist');
const before = values.before === undefined ? undefined : path.resolve(values.before);
const bundles = values['peers-only']
  ? []
  : [
      sidecarCandidates({ name: 'heddle sidecar', dist, flags, services: meshServices.present, portOffset: 0 }),
      ...(before === undefined
        ? []
        : [
            sidecarCandidates({
              name: 'heddle sidecar, before',
              dist: before,
              flags,
              services: meshServices.before,
              portOffset: 1000,
            }),
          ]),
    ];
const ours = (row: 'http' | 'tcp'): Candidate[] => bundles.map((candidate) => candidate(row));
const rows: Readonly<Record<string, Row>> = {
  http: {
    title: 'HTTP/1.1, 64 keep-alive connections, 7 request headers, 1 KB response, 50 rules, metrics and access log',
    unit: 'µs/request',
    reference: [haproxyHttp.name],
    aim: { ratio: 1, atMost: 1.25 },
    candidates: [
      ...ours('http'),
      haproxyHttp,
      nginxHttp,
      ...(values.ceiling === undefined ? [] : [ceilingCandidate(path.resolve(values.ceiling))]),
    ],
    drive: driveHttp,
    per: (cpuMicros, { amount }) => cpuMicros / amount,
  },
  tcp: {
    title: 'opaque TCP, 4 connections, 256 KB buffers',
    unit: 'ms/GB',
    reference: [haproxyTcp.name, haproxySplice.name],
    aim: { ratio: 0.95, atMost: 1.15 },
    candidates: [...ours('tcp'), haproxyTcp, haproxySplice],
    drive: driveTcp,
    per: (cpuMicros, { amount }) => cpuMicros / 1000 / (amount / 1e9),
  },
};

process.exitCode = await main();

async function main(): Promise<number> {
  const chosen = values.row.flatMap((name) => rows[name] ?? []);
  if (chosen.length !== values.row.length) return complain(`--row is one of ${Object.keys(rows).join(', ')}`);
  if (!values['peers-only'] && !(await exists(path.join(dist, 'sidecar.mjs')))) {
    return complain('dist/ is missing: run npm run build first');
  }
  if (before !== undefined && !(await exists(path.join(before, 'sidecar.mjs')))) {
    return complain(`--before is the dist/ of another build: there is no sidecar.mjs in ${before}`);
  }
  const missing = await missingPrograms({ wrk: 'wrk', taskset: 'util-linux' });
  if (missing.length > 0) return complain(install(missing));
  const plan = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
  for (const row of chosen) {
    const candidates = await present(row.candidates);
    const ground = await openGround();
    try {
      const { measured, foreign } = await runRow({ ...row, candidates }, ground, plan);
      printRow(row, measured);
      if (foreign > 0.1) {
        console.log(`Something else used ${(foreign * 100).toFixed(0)}% of this machine: do not trust these figures.`);
      }
    } finally {
      await ground.close();
    }
  }
  return 0;
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
