import { heddleCommand } from '../../lab/programs.ts';
import type { Candidate, Running } from './candidates/candidate.ts';
import { type BenchGround, cores, onCore } from './ground.ts';
import { requestPath } from './objects.ts';

/** One line of work, and who does it. */
export type Row = {
  readonly title: string;
  readonly unit: string;
  /** What a ratio is taken of: the least of these. */
  readonly reference: readonly string[];
  readonly aim: { readonly ratio: number; readonly atMost: number };
  readonly candidates: readonly Candidate[];
  readonly drive: (ground: BenchGround, running: Running, seconds: number) => Promise<Work>;
  /** CPU time in `unit` per unit of work. */
  readonly per: (cpuMicros: number, work: Work) => number;
};

/** How much was done: requests, or bytes. */
export type Work = { readonly amount: number };

const connections = { http: 64, tcp: 4 };

/** Seven header fields; the Host is the one that the ceiling program routes. */
const headers = [
  'Host: svc.local',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench/1.0',
  'Accept: application/json, text/plain, */*',
  'Accept-Encoding: gzip, deflate, br',
  'Accept-Language: en-GB,en;q=0.9',
  'X-Request-Id: 3f1c7a52-7d0e-4c0b-9a54-0a6f5c1d2e3b',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark',
];

/** Requests by wrk; any status but 200 fails the bench. */
export async function driveHttp(ground: BenchGround, { address, port }: Running, seconds: number): Promise<Work> {
  const command = [
    'wrk',
    '-t1',
    `-c${connections.http}`,
    `-d${seconds}s`,
    ...headers.flatMap((header) => ['-H', header]),
    `http://${address}:${port}${requestPath}`,
  ];
  const { code, stdout, stderr } = await ground.namespace.run({ command: onCore(cores.rest, command) });
  const amount = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const failed = /Non-2xx or 3xx responses: \d+|Socket errors: .*/.exec(stdout)?.[0];
  if (code !== 0 || !(amount > 0) || failed !== undefined) {
    throw new Error(`the load on ${address} failed: ${failed ?? ''}\n${stdout}${stderr}`);
  }
  return { amount };
}

/** Bytes from the backend through the proxy. */
export async function driveTcp(ground: BenchGround, { address, port }: Running, seconds: number): Promise<Work> {
  const args = [address, port, connections.tcp, seconds].map(String);
  const command = onCore(cores.rest, heddleCommand('test/bench/programs/drain.ts', ...args));
  const { code, stdout, stderr } = await ground.namespace.run({ command });
  const amount = Number(stdout.trim());
  if (code !== 0 || !(amount > 0)) throw new Error(`the load on ${address} failed: ${stderr}`);
  return { amount };
}
