import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';

const main = path.join(import.meta.dirname, '../../sidecar/main.ts');

test('a port that is taken is named in one line, and the start fails', async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const env = { HEDDLE_OUTBOUND_PORT: String(port), HEDDLE_AGENT_ADDRESS: '127.0.0.1:9' };
  const { exitCode, stderr } = await execa(process.execPath, [main], { env, reject: false, timeout: 60_000 });
  server.close();
  t.is(exitCode, 1);
  t.regex(stderr, new RegExp(`^sidecar: .*EADDRINUSE.* 127\\.0\\.0\\.1:${port}; free the port or set another$`));
});
