import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { heddleCommand } from '../../../lab/programs.ts';
import type { Running } from '../candidates/candidate.ts';
import { type BenchGround, backendPorts, cores, onCore } from '../ground.ts';
import { requestPath } from '../objects.ts';
import type { Latency, Work } from './row.ts';

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

/** What a request of the load has besides. */
export type Asking = {
  readonly connections: number;
  readonly headers?: readonly string[];
  /** The bytes that it posts; it is a GET without. */
  readonly bodyBytes?: number;
};

/** Requests by wrk; any status but 200 fails the bench. */
export function askWith({ connections, headers: more = [], bodyBytes }: Asking) {
  return async (ground: BenchGround, { address, port }: Running, seconds: number): Promise<Work> => {
    const script = path.join(ground.folder, 'wrk.lua');
    if (bodyBytes !== undefined) {
      await writeFile(script, `wrk.method = "POST"\nwrk.body = string.rep("x", ${bodyBytes})\n`);
    }
    const command = [
      'wrk',
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      ...[...headers, ...more].flatMap((header) => ['-H', header]),
      ...(bodyBytes === undefined ? [] : ['-s', script]),
      `http://${address}:${port}${requestPath}`,
    ];
    const { code, stdout, stderr } = await ground.namespace.run({ command: onCore(cores.rest, command) });
    const amount = Number(/(\d+) requests in/.exec(stdout)?.[1]);
    const failed = /Non-2xx or 3xx responses: \d+|Socket errors: .*/.exec(stdout)?.[0];
    if (code !== 0 || !(amount > 0) || failed !== undefined) {
      throw new Error(`the load on ${address} failed: ${failed ?? ''}\n${stdout}${stderr}`);
    }
    return { amount };
  };
}

/** Requests of HTTP/2 by h2load, each with a body of 200 bytes; any status but 200 fails the bench. */
export function askHttp2(connections: number, streams: number) {
  return async (ground: BenchGround, { address, port }: Running, seconds: number): Promise<Work> => {
    const body = path.join(ground.folder, 'body');
    await writeFile(body, 'x'.repeat(200));
    const asked = [...headers.slice(1), 'content-type: application/octet-stream'].flatMap((header) => ['-H', header]);
    const h2load = ['h2load', '-t1', `-c${connections}`, `-m${streams}`, `-D${seconds}`, '-d', body, ...asked];
    const command = [...h2load, `http://${address}:${port}${requestPath}`];
    const { code, stdout, stderr } = await ground.namespace.run({ command: onCore(cores.rest, command) });
    const amount = Number(/status codes: (\d+) 2xx, 0 3xx, 0 4xx, 0 5xx/.exec(stdout)?.[1]);
    const isWhole = / 0 failed, 0 errored, 0 timeout/.test(stdout);
    if (code !== 0 || !(amount > 0) || !isWhole) throw new Error(`the load on ${address} failed:\n${stdout}${stderr}`);
    return { amount };
  };
}

/** Work of a program of ours, which prints how much it did: `<program> <address> <port> <connections> <seconds>`. */
export function runWith(program: string, connections: number) {
  return async (ground: BenchGround, { address, port }: Running, seconds: number): Promise<Work> => {
    const printed = await load(ground, program, [address, port, connections, seconds].map(String));
    const amount = Number(printed);
    if (!(amount > 0)) throw new Error(`the load on ${address} did nothing: ${printed}`);
    return { amount };
  };
}

/** So many requests a second, whatever becomes of those before, each timed from when it was due. */
export function askEvenly(rate: number) {
  const head = [`GET ${requestPath} HTTP/1.1`, ...headers].join('\r\n');
  return (ground: BenchGround, { address, port }: Running, seconds: number): Promise<Timed> =>
    timed(ground, 'openLoop.ts', [address, port, backendPorts.latency, rate, seconds, head]);
}

/** So many RPCs a second, timed as those are; their server is part of the load. */
export function callEvenly(rate: number) {
  return (ground: BenchGround, { address, port }: Running, seconds: number): Promise<Timed> =>
    timed(ground, 'rpcOpenLoop.ts', [address, port, backendPorts.rpc, rate, seconds]);
}

type Timed = Required<Work>;

async function timed(ground: BenchGround, program: string, args: readonly (string | number)[]): Promise<Timed> {
  const said = await load(ground, program, args.map(String));
  const { amount, ...latency } = JSON.parse(said) as { readonly amount: number } & Latency;
  return { amount, latency };
}

async function load(ground: BenchGround, program: string, args: readonly string[]): Promise<string> {
  const command = onCore(cores.rest, heddleCommand(`test/bench/programs/${program}`, ...args));
  const { code, stdout, stderr } = await ground.namespace.run({ command });
  if (code !== 0) throw new Error(`the load by ${program} failed: ${stderr}`);
  return stdout.trim();
}
