import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { freePort } from '../freePort.ts';

const main = path.join(import.meta.dirname, '../../sidecar/main.ts');

for (const [what, output, flushMs] of [
  ['a pipe that nobody reads any more', 'pipe', '0'],
  ['a disk that is full', 'full', '0'],
  ['a pipe that nobody reads any more', 'pipe', '10'],
  ['a disk that is full', 'full', '10'],
] as const) {
  test.serial(
    `a log that goes to ${what}, after ${flushMs} ms, neither ends the sidecar nor keeps it from answering`,
    async (t) => {
      const names = ['OUTBOUND', 'INBOUND', 'ADMIN', 'METRICS', 'READY'];
      const ports = new Map<string, string>();
      for (const name of names) ports.set(`HEDDLE_${name}_PORT`, String(await freePort()));
      const env = {
        ...process.env,
        ...Object.fromEntries(ports),
        HEDDLE_AGENT_ADDRESS: '127.0.0.1:9',
        HEDDLE_START_WAIT_MS: '0',
        HEDDLE_LOG_LEVEL: 'debug',
        HEDDLE_LOG_FLUSH_MS: flushMs,
      };
      const out = output === 'full' ? openSync('/dev/full', 'w') : 'pipe';
      const child = spawn(process.execPath, [main], { env, stdio: ['ignore', out, 'ignore'] });
      t.teardown(() => child.kill('SIGKILL'));
      child.stdout?.destroy();
      const ready = `http://127.0.0.1:${ports.get('HEDDLE_READY_PORT')}/ready`;
      const status = (): Promise<number> =>
        fetch(ready).then(
          (response) => response.status,
          () => 0,
        );
      for (let turn = 0; turn < 3000 && (await status()) !== 200; turn++) await sleep(20);
      for (let count = 0; count < 100; count++) {
        const socket = net.connect({ host: '127.0.0.1', port: Number(ports.get('HEDDLE_INBOUND_PORT')) });
        socket.on('error', () => undefined);
        socket.resume();
        await once(socket, 'close');
      }
      t.is(await status(), 200);
      t.is(child.exitCode, null);
      t.is(child.signalCode, null);
    },
  );
}
