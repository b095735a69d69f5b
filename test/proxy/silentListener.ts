import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import type { ExecutionContext } from 'ava';

// A process of its own, whose event loop stands still: it listens, and never accepts.
const program = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, server.address().port + '\\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** The port of a program whose backlog is full: the kernel leaves further connections without an answer. */
export async function silentListener(t: ExecutionContext): Promise<number> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(text.toString());
  // Two fit (the kernel counts one more than it is told); the kernel answers them while connect(2) lasts.
  for (let count = 0; count < 4; count++) {
    const filler = net.connect(port, '127.0.0.1').on('error', () => undefined);
    t.teardown(() => filler.destroy());
    if (count < 2) await once(filler, 'connect');
  }
  return port;
}
