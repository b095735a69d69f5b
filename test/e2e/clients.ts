import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import type { NetworkNamespace } from '../../lab/namespace.ts';
import type { LabProcess } from '../../lab/process.ts';
import { heddleCommand } from '../../lab/programs.ts';

/** What an app answered, as `app.ts` prints it, or the raw text. */
export type Answer = {
  readonly status: number;
  readonly name?: string;
  readonly peer?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string;
};

/** One request by curl, the status and what the app said; status 0 when there was no answer. */
export async function curl(from: NetworkNamespace, ...args: readonly string[]): Promise<Answer> {
  const command = ['curl', '-sS', '-m', '60', '-w', '\n%{http_code}', ...args];
  const { stdout, stderr } = await from.run({ command });
  const [status = '0'] = stdout.split('\n').slice(-1);
  const text = stdout.slice(0, -status.length - 1) + stderr;
  try {
    return { status: Number(status), text, ...(JSON.parse(text) as object) };
  } catch {
    return { status: Number(status), text };
  }
}

/** What `talk.ts` heard. */
export type Heard = {
  readonly how: 'ended' | 'closed' | 'silent';
  readonly error?: string;
  readonly firstByteMs?: number;
  readonly text: string;
};

/** One raw connection: sends bytes, at once or in two pieces, then its end if told so. */
export async function talk(
  from: NetworkNamespace,
  to: { readonly address: string; readonly port: number },
  bytes: string,
  how?: 'end' | 'pieces',
): Promise<Heard> {
  const command = heddleCommand('test/e2e/programs/talk.ts', to.address, `${to.port}`, how ?? '');
  const { stdout, stderr } = await from.run({ command, input: Buffer.from(bytes, 'latin1').toString('base64') });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Heard;
}

/** What a load counted. */
export type Counted = {
  readonly requests: number;
  readonly failed: number;
  readonly firstFailures: readonly string[];
};

/** What `load.ts` counted. */
export type LoadSummary = Counted & { readonly byName: Readonly<Record<string, number>> };

/** No request has failed; otherwise the first failures, and what the client's sidecar says of itself and of them. */
export function noFailures(t: ExecutionContext, summary: Counted, sidecar: LabProcess): void {
  if (summary.failed > 0) {
    const lines = sidecar.lines.filter((line) => !isGood(line));
    t.log([...summary.firstFailures, ...lines.slice(0, 5), '…', ...lines.slice(-5)].join('\n'));
  }
  t.is(summary.failed, 0);
}

function isGood(line: string): boolean {
  return line.includes('"status":200') && !/"grpcStatus":"(?!OK")/.test(line);
}

/** Asks for the URL on several connections until the returned function is called. */
export async function startLoad(
  from: NetworkNamespace,
  url: string,
  connections: number,
  share: 'half' | 'full' = 'full',
): Promise<() => Promise<LoadSummary>> {
  return (await start<LoadSummary>(from, 'load.ts', url, `${connections}`, share)).stop;
}

/** What `rpcs.ts` counted; by name, of each server: how many RPCs, and when the first and the last of them began (Date.now). */
export type RPCSummary = Counted & {
  readonly servers: Readonly<
    Record<string, { readonly answered: number; readonly firstMs: number; readonly lastMs: number }>
  >;
};

/** Makes RPCs of `test.Echo` on so many connections, eight at a time on each. `done`: how many, by and by. */
export async function startRPCs(
  from: NetworkNamespace,
  url: string,
  connections: number,
): Promise<{ readonly done: () => number; readonly stop: () => Promise<RPCSummary> }> {
  const { load, stop } = await start<RPCSummary>(from, 'rpcs.ts', url, `${connections}`, '8');
  return { done: () => Number(load.lines.at(-1)) || 0, stop };
}

async function start<Summary extends Counted>(from: NetworkNamespace, program: string, ...args: readonly string[]) {
  const load = from.start({ command: heddleCommand(`test/e2e/programs/${program}`, ...args) });
  await load.waitForLine((line) => line === 'started', 60_000);
  const stop = async (): Promise<Summary> => {
    await load.stop();
    return JSON.parse(load.lines.at(-1) ?? '') as Summary;
  };
  return { load, stop };
}

/** The access log lines of a sidecar for a path, each as an object; waits until there are `count`, at most half a minute. */
export async function accessLines(sidecar: LabProcess, path: string, count = 1): Promise<Record<string, unknown>[]> {
  const wanted = `"path":"${path}"`;
  const deadline = Date.now() + 30_000;
  for (;;) {
    const lines = sidecar.lines.filter((line) => line.includes(wanted));
    if (lines.length >= count || Date.now() > deadline)
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    await sleep(10);
  }
}

/** Waits until the sidecar of this pod balances over exactly these addresses for the Service `shop/<service>:80`. */
export async function endpointsKnown(
  pod: NetworkNamespace,
  service: string,
  addresses: readonly string[],
): Promise<void> {
  await until(async () => {
    const { status, text } = await curl(pod, 'http://127.0.0.1:15000/config');
    if (status !== 200) return false;
    const { endpoints } = JSON.parse(text) as Config;
    const group = endpoints.find(({ name }) => name === `shop/${service}:80`);
    const known = (group?.endpoints ?? []).map(({ address }) => address);
    return known.toSorted().join() === addresses.toSorted().join();
  });
}

type Config = { endpoints: readonly { name: string; endpoints: readonly { address: string }[] }[] };

/** Repeats until it holds. Throws after `timeoutMs`. */
export async function until(holds: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`did not come true within ${timeoutMs} ms`);
    await sleep(20);
  }
}

/** `http://address:port`, bracketed where IPv6 needs it. */
export function urlOf(address: string, port: number, path = '/'): string {
  return address.includes(':') ? `http://[${address}]:${port}${path}` : `http://${address}:${port}${path}`;
}
