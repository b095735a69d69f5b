import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { bundle } from '../../build/bundle.ts';
import { freePort } from '../freePort.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'heddle-bundle-'));
test.after.always(() => rmSync(folder, { recursive: true }));
test.before(async () => void (await bundle(folder)));

function start(t: ExecutionContext, name: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [path.join(folder, `${name}.mjs`)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

test('the bundled sidecar starts, is ready, counts, and ends in order', async (t) => {
  const names = ['OUTBOUND', 'INBOUND', 'ADMIN', 'METRICS', 'READY'] as const;
  const ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await freePort()] as const)));
  const child = start(t, 'sidecar', {
    ...Object.fromEntries(names.map((name) => [`HEDDLE_${name}_PORT`, String(ports[name])])),
    HEDDLE_AGENT_ADDRESS: '127.0.0.1:1',
    HEDDLE_START_WAIT_MS: '0',
  });
  child.stdout.resume();
  const get = (name: string, target: string) =>
    fetch(`http://127.0.0.1:${ports[name]}${target}`).catch(() => undefined);
  let ready = await get('READY', '/ready');
  for (let attempts = 0; ready === undefined && attempts < 1200; attempts++) {
    await sleep(50);
    ready = await get('READY', '/ready');
  }
  t.is(ready?.status, 200);
  t.regex((await (await get('METRICS', '/metrics'))?.text()) ?? '', /process_resident_memory_bytes \d/);
  child.kill('SIGTERM');
  t.deepEqual(await once(child, 'exit'), [0, null]);
});

test('the bundled agent reads a folder with a regular expression in it', async (t) => {
  writeFileSync(path.join(folder, 'route.yaml'), route('/items/[0-9]+'));
  const child = start(t, 'agent', { HEDDLE_CONFIG_DIR: folder, HEDDLE_DISCOVERY_ADDRESS: '127.0.0.1:0' });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line.includes('Agent ready')) break;
  }
  t.true(lines.at(-1)?.includes('Agent ready'), lines.join('\n'));
});

test('the bundled init names a wrong setting', (t) => {
  const env = { ...process.env, HEDDLE_SKIP_OUTBOUND_PORTS: 'many' };
  const ran = spawnSync(process.execPath, [path.join(folder, 'init.mjs')], { env, encoding: 'utf8' });
  t.is(ran.status, 1);
  t.regex(ran.stderr, /HEDDLE_SKIP_OUTBOUND_PORTS/);
});

function run(program: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, [path.join(folder, `${program}.mjs`), ...args], { encoding: 'utf8' });
}

test('the bundled injector names the setting that it lacks', (t) => {
  const ran = run('injector');
  t.is(ran.status, 1);
  t.regex(ran.stderr, /HEDDLE_IMAGE/);
});

test('the bundled dispatcher hands arguments on, also to the commands for people, and refuses what is neither', (t) => {
  t.regex(run('heddle', 'init', '--wrong').stderr, /heddle-init: --wrong: unknown argument/);
  for (const args of [[], ['gateway']]) {
    const refused = run('heddle', ...args);
    t.is(refused.status, 2);
    t.regex(refused.stderr, /Usage: heddle|heddle help/);
  }
  t.is(run('heddle', 'version').status, 0);
  const explained = run(
    'heddle',
    'explain',
    'http://cart.shop/pay/42',
    '-f',
    path.join(import.meta.dirname, '../../lab/demo/config'),
  );
  t.is(explained.status, 0, explained.stderr);
  t.regex(explained.stdout, /It takes rule 2 "pay" of HTTPRoute shop\/cart, by path prefix \/pay/);
});

test('the bundled dispatcher gives the sidecar the heap of its role', (t) => {
  const probe = path.join(folder, 'probe.cjs');
  writeFileSync(probe, "console.error('limit', require('node:v8').getHeapStatistics().heap_size_limit); ");
  const env = { ...process.env, NODE_OPTIONS: `--require ${probe}`, HEDDLE_OUTBOUND_PORT: 'none' };
  const ran = spawnSync(process.execPath, [path.join(folder, 'heddle.mjs'), 'sidecar'], { env, encoding: 'utf8' });
  const limits = [...ran.stderr.matchAll(/limit (\d+)/g)].map(([, bytes]) => Number(bytes));
  t.is(limits.length, 2, ran.stderr);
  // Only the young generation counts in it: 3 times 16 MB less at least.
  t.true((limits[0] ?? 0) - (limits[1] ?? 0) > 40e6, ran.stderr);
  t.regex(ran.stderr, /HEDDLE_OUTBOUND_PORT/);
});

function route(pattern: string): string {
  return JSON.stringify({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'r', namespace: 'shop' },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'cart', port: 80 }],
      rules: [{ matches: [{ path: { type: 'RegularExpression', value: pattern } }] }],
    },
  });
}
