import test from 'ava';
import type { NetworkNamespace } from '../../lab/namespace.ts';
import type { LabProcess } from '../../lab/process.ts';
import { heddleCommand } from '../../lab/programs.ts';
import { defaultReasons } from '../../proxy/observe/flags.ts';
import { refusals } from '../../proxy/message/refusal.ts';
import { answersTable, isReason } from './answersTable.ts';
import { broken, brokenInPieces, pods, routes, services } from './answersSample.ts';
import { curl, talk, until } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';

const table = answersTable();

test('docs/answers.md has a row for every flag, for every refusal, and for what applications say', (t) => {
  const keys = new Set(table.flatMap((row) => row.keys));
  const flags = new Set([...keys].map((key) => key.split(' ')[1]).filter((flag) => flag !== undefined));
  t.deepEqual([...flags].toSorted(), Object.keys(defaultReasons).toSorted());
  for (const status of [404, 413, 421, 431, 500, 502, 503, 504]) t.true(keys.has(String(status)), String(status));
  for (const { status, flag, message } of Object.values(refusals)) {
    // What is wrong with a response stands behind a reason of its own.
    if (status === 502) continue;
    const rows = table.filter((row) => row.keys.includes(`${status} ${flag}`));
    t.true(
      rows.some(({ reasons }) => reasons.some((reason) => isReason(reason, message))),
      `no row has ${status} ${flag}: ${message}`,
    );
  }
});

type Line = { readonly status: number; readonly flags?: string; readonly reason?: string };

labTest('every row of docs/answers.md is what sidecars say', async (t, lab) => {
  const mesh = await startMesh(lab, { pods, services, routes });
  const produced = new Set<string>();
  const sidecars = Object.keys(pods).map((name) => mesh.pod(name).sidecar);

  /** Does something, and waits for a line with this status and flag; its reason must be one of the table's. */
  const expect = async (key: string, provoke: () => Promise<unknown>): Promise<Line> => {
    const from = sidecars.map(({ lines }) => lines.length);
    await provoke();
    const found = (): Line | undefined =>
      sidecars.flatMap((sidecar, at) => requestLines(sidecar, from[at] ?? 0)).find((line) => keyOf(line) === key);
    await until(async () => found() !== undefined, 30_000).catch(() => {
      const said = sidecars.flatMap((sidecar, at) => requestLines(sidecar, from[at] ?? 0));
      throw new Error(`no line has ${key}: ${JSON.stringify(said)}`);
    });
    const line = found() ?? { status: 0 };
    const rows = table.filter(({ keys }) => keys.includes(key));
    const reason = rows.flatMap(({ reasons }) => reasons).find((one) => isReason(one, line.reason ?? ''));
    t.is(reason === undefined, line.reason === undefined, `${key} ${line.reason} is not in docs/answers.md`);
    produced.add(`${key} ${reason ?? ''}`.trim());
    return line;
  };

  const { pod } = mesh.pod('client');
  /** A request by curl, whose answer has the reason as its body. */
  const ask = (key: string, ip: number, path: string, ...args: readonly string[]) =>
    expect(key, async () => {
      const { status, text } = await curl(pod, ...args, `http://10.96.0.${ip}${path}`);
      t.is(status, Number(key.slice(0, 3)), text);
      if (key.includes(' ')) t.regex(text, new RegExp(`^heddle: ${status} .+\n$`));
    });

  await ask('404 NR', 1, '/nothing');
  for (const path of ['/absent', '/kind', '/far', '/database', '/weightless']) await ask('500 NC', 1, path);
  await ask('500 NFCF', 1, '/extension');
  await ask('502 UPE', 3, '/garbage');
  await ask('502 UPE', 3, '/large');
  for (const ip of [5, 6, 7]) await ask('503 UH', ip, '/');
  await ask('503 UF', 4, '/');
  await ask('503 UC', 3, '/closes', '-d', 'a body');
  await expect('200 UC', () => curl(pod, 'http://10.96.0.3/breaks'));
  // Of these some leave a connection, so that the next requests do not wait for one.
  for (const status of [404, 413, 421, 431, 500, 502, 503, 504]) await ask(String(status), 1, `/status/${status}`);
  await ask('504 UT', 1, '/slow/60000');
  await ask('504 UT', 1, '/slow/60001');
  await ask('504 UT', 1, '/busy/web');
  await expect('499 DC', () => curl(pod, '-m', '3', 'http://10.96.0.2/slow/60000'));
  const half = 'POST /digest HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf';
  await expect('499 DC', () => talk(pod, { address: '10.96.0.2', port: 80 }, half, 'end'));

  for (const [status, bytes] of broken)
    await expect(`${status} DPE`, () => talk(pod, { address: '10.96.0.2', port: 80 }, bytes));

  // Where the pieces were read at once, they were none.
  for (const [said, bytes] of brokenInPieces)
    while (!produced.has(`400 DPE ${said}`))
      await expect('400 DPE', () => talk(pod, { address: '10.96.0.2', port: 80 }, bytes, 'pieces'));

  // Their first request stays, so that there is no room for a second.
  for (const [ip, key, path] of [
    [8, '503 UO', '/'],
    [9, '504 UT', '/waits'],
  ] as const) {
    const first = pod.start({ command: ['curl', '-s', `http://10.96.0.${ip}/slow/60000`] });
    const [app] = mesh.pod('web').apps;
    const slow = app?.lines.length ?? 0;
    await until(async () => (app?.lines.length ?? 0) > slow);
    await ask(key, ip, path);
    await first.stop('SIGKILL');
  }

  /** A program that stays until its line is there. */
  const stays = async (key: string, from: NetworkNamespace, ...command: readonly string[]): Promise<void> => {
    const running: LabProcess[] = [];
    await expect(key, async () => running.push(from.start({ command })));
    for (const program of running) await program.stop('SIGKILL');
  };
  const { pod: hasty } = mesh.pod('hasty');
  await expect('408 SI', () => talk(pod, { address: '10.96.0.1', port: 80 }, half));
  await expect('408 SI', () => talk(hasty, { address: '10.96.0.2', port: 80 }, half));
  await stays('200 SI', pod, 'curl', '-s', '--limit-rate', '1', 'http://10.96.0.1/bytes/100000000');
  await stays('200 SI', hasty, 'curl', '-s', '--limit-rate', '1', 'http://10.96.0.2/bytes/100000000');
  await expect('408 SI', () => talk(hasty, { address: '10.96.0.2', port: 80 }, 'GET / HTTP/1.1\r\nHost: a'));
  await expect('504 UT', () => curl(hasty, 'http://10.96.0.2/slow/60000'));
  const heads = heddleCommand(
    'test/bench/programs/flood.ts',
    '60',
    '10.96.0.2:80',
    '10.96.0.2:80',
    'unfinishedHead=60',
  );
  await stays('503 OM', mesh.pod('held').pod, ...heads);

  const rows = table.flatMap(({ keys, reasons }) =>
    keys.flatMap((key) => (reasons.length === 0 ? [key] : reasons.map((reason) => `${key} ${reason}`))),
  );
  t.deepEqual(
    rows.filter((row) => !produced.has(row)),
    [],
    'rows that no request brought about',
  );
});

/** What a sidecar says of requests that its own pod made: there is one line of each. */
function requestLines(sidecar: LabProcess, from: number): Line[] {
  const lines = sidecar.lines.slice(from).filter((line) => line.includes('"direction":"outbound"'));
  return lines
    .map((line) => JSON.parse(line) as Line & { message: string })
    .filter(({ message }) => message === 'request');
}

function keyOf({ status, flags }: Line): string {
  return flags === undefined ? String(status) : `${status} ${flags}`;
}
