import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { bundle } from '../../build/bundle.ts';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';
import { freePort } from '../freePort.ts';

// The kubelet asks a second after a container has started, and tells each refused connection as a Warning Event, while a
// sidecar on a busy node is still being loaded.
const folder = temporaryFolder('heddle-early-');
test.before(async () => void (await bundle(folder)));

const names = ['OUTBOUND', 'INBOUND', 'ADMIN', 'METRICS', 'READY'] as const;

async function somePorts(): Promise<Record<(typeof names)[number], number>> {
  const [OUTBOUND, INBOUND, ADMIN, METRICS, READY] = await Promise.all(names.map(() => freePort()));
  return { OUTBOUND, INBOUND, ADMIN, METRICS, READY } as Record<(typeof names)[number], number>;
}

function environment(ports: Readonly<Record<string, number>>): NodeJS.ProcessEnv {
  const own = Object.entries(ports).map(([name, port]) => [`HEDDLE_${name}_PORT`, String(port)]);
  return { ...process.env, ...Object.fromEntries(own), HEDDLE_AGENT_ADDRESS: '127.0.0.1:1', HEDDLE_START_WAIT_MS: '0' };
}

test('the readiness port takes connections of both families before the first line of the sidecar runs', async (t) => {
  const other = temporaryFolder('heddle-early-');
  for (const name of ['heddle.mjs', 'koffi'])
    cpSync(path.join(folder, name), path.join(other, name), { recursive: true });
  const asks = `
    const { connect } = process.getBuiltinModule('node:net');
    for (const host of ['127.0.0.1', '::1'])
      connect({ host, port: Number(process.env.HEDDLE_READY_PORT) })
        .on('connect', function () { console.log('connected to', host); this.destroy(); })
        .on('error', (error) => console.log(error.message));
    setTimeout(() => process.exit(), 60_000).unref();`;
  writeFileSync(path.join(other, 'sidecar.mjs'), asks);
  const env = environment(await somePorts());
  const ran = spawnSync(process.execPath, [path.join(other, 'heddle.mjs'), 'sidecar'], { env, encoding: 'utf8' });
  t.deepEqual(ran.stdout.trim().split('\n').sort(), ['connected to 127.0.0.1', 'connected to ::1'], ran.stderr);
});

test('who asked meanwhile is answered once the sidecar is there', async (t) => {
  const ports = await somePorts();
  const command = [path.join(folder, 'heddle.mjs'), 'sidecar'];
  const child = spawn(process.execPath, command, { env: environment(ports), stdio: ['ignore', 'ignore', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  for (const host of ['127.0.0.1', '[::1]']) {
    const ask = () => fetch(`http://${host}:${ports.READY}/ready?wait=30000`).catch(() => undefined);
    let answer = await ask();
    for (let attempts = 0; answer === undefined && attempts < 600; attempts++) {
      await sleep(50);
      answer = await ask();
    }
    t.is(answer?.status, 200, host);
  }
  child.kill('SIGTERM');
  t.deepEqual(await once(child, 'exit'), [0, null]);
});

test('a readiness port that is taken is said by the sidecar, as before', async (t) => {
  const taken = createServer().listen(0);
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const ports = { ...(await somePorts()), READY: (taken.address() as { port: number }).port };
  const child = spawn(process.execPath, [path.join(folder, 'heddle.mjs'), 'sidecar'], {
    env: environment(ports),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  t.deepEqual(await once(child, 'close'), [1, null]);
  t.regex(said, /EADDRINUSE.*; free the port or set another/);
});
