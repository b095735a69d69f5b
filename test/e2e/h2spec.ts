import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkNamespace } from '../../lab/namespace.ts';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';
import { builtProgram } from './programs.ts';

/** What a case of h2spec came to; `problem` is what it expected and what it saw, empty where it passed. */
export type Outcome = { readonly id: string; readonly title: string; readonly problem: string };

/** Where h2spec calls. */
export type Target = { readonly from: NetworkNamespace; readonly host: string; readonly port: number };

const soon = '2';
const late = '30';

/**
 * All cases of h2spec against a server, the strict ones too. A case that fails is run again with more time unless it is
 * `expected` to fail: what is only late on a busy machine passes.
 */
export async function runH2spec(target: Target, expected: readonly string[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const outcome of await cases(target, ['-o', soon])) {
    const again = outcome.problem !== '' && !expected.includes(outcome.id);
    const problem = again ? (await cases(target, ['-o', late, outcome.id]))[0]?.problem : undefined;
    outcomes.push({ ...outcome, problem: problem ?? outcome.problem });
  }
  return outcomes;
}

async function cases({ from, host, port }: Target, args: readonly string[]): Promise<Outcome[]> {
  const report = join(temporaryFolder('heddle-test-'), 'report.xml');
  const program = `${await builtProgram('h2spec')}/h2spec`;
  const command = [program, '--strict', '-h', host, '-p', `${port}`, '-j', report, ...args];
  const { stdout, stderr } = await from.run({ command });
  const xml = await readFile(report, 'utf8').catch(() => {
    throw new Error(`h2spec came to no end: ${stdout.slice(-2000)}${stderr}`);
  });
  return [...xml.matchAll(/<testsuite [^]*?<\/testsuite>/g)].flatMap(([suite]) =>
    [...suite.matchAll(/<testcase package="(.*?)" classname="(.*?)"[^>]*>([^]*?)<\/testcase>/g)].map(
      ([, group = '', title = '', problem = ''], index) => ({
        id: `${group}/${index + 1}`,
        title,
        problem: problem.replaceAll(/<\/?(?:error|failure)>/g, ''),
      }),
    ),
  );
}

/** Where h2specd listens, and who calls it: through a sidecar, which is the client that is under test. */
export type ClientTarget = { readonly on: NetworkNamespace; readonly host: string; readonly from: NetworkNamespace };

const reportPort = 29_999;
const firstPort = 30_000;
const abreast = 4;

/** All cases of h2specd, h2spec's server: each on a port of its own, which is asked once over HTTP/2. */
export async function runH2specd({ on, host, from }: ClientTarget): Promise<readonly Outcome[]> {
  const program = `${await builtProgram('h2spec')}/h2specd`;
  const server = on.start({
    command: [program, '-h', host, '-p', `${reportPort}`, '-f', `${firstPort}`, '-o', late],
  });
  await server.waitForLine((line) => line.includes('Report server is listened'), 60_000);
  const waiting = (await clientCases(on, host)).map(({ url }) => url);
  const ask = async (): Promise<void> => {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift())
      await from.run({ command: ['curl', '-s', '-m', '60', '-o', '/dev/null', '--http2-prior-knowledge', url] });
  };
  await Promise.all(Array.from({ length: abreast }, ask));
  const deadline = Date.now() + 60_000;
  for (;;) {
    const seen = await clientCases(on, host);
    if (seen.every(({ done }) => done) || Date.now() > deadline) return seen.map(({ outcome }) => outcome);
    await sleep(50);
  }
}

type ClientCase = { readonly url: string; readonly done: boolean; readonly outcome: Outcome };

/** What h2specd's page tells of each case, in the order of the ports. */
async function clientCases(on: NetworkNamespace, host: string): Promise<ClientCase[]> {
  const { stdout } = await on.run({ command: ['curl', '-sS', '-m', '60', `http://${host}:${reportPort}/report`] });
  const found = stdout.matchAll(/>([^<>]*)<\/span><a href="(.*?)"[^>]*>(.*?)<\/a>(.*?)(?=<div>|<br>)/g);
  return [...found].map(([, mark = '', url = '', , rest = '']) => {
    const [title = '', ...said] = rest
      .replaceAll(/<[^>]*>/g, '\n')
      .trim()
      .split(/\n+/);
    const id = `${Number(new URL(url).port) - firstPort + 1}`;
    const done = mark !== '&nbsp;&nbsp;';
    return { url, done, outcome: { id, title, problem: mark === '✔' ? '' : said.join(' ') || 'it came to no end' } };
  });
}
