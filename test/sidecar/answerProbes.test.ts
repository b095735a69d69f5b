import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { serveReady } from '../../runtime/ready.ts';
import { answerProbes } from '../../sidecar/answerProbes.ts';
import { undisturbed } from '../undisturbed.ts';
import { silentListener } from '../proxy/silentListener.ts';

async function serve(t: ExecutionContext, ports: readonly number[]) {
  const server = await serveReady({
    port: 0,
    readiness: () => ({ ready: true }),
    further: answerProbes(new Set(ports)),
    onError: (error) => t.fail(String(error)),
  });
  t.teardown(() => server.close());
  return async (path: string, init?: RequestInit): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
    return `${response.status} ${(await response.text()).trim()}`;
  };
}

test('a TCP probe succeeds while the application accepts, from the address that is not redirected', async (t) => {
  const callers: (string | undefined)[] = [];
  const app = net.createServer((socket) => {
    callers.push(socket.remoteAddress);
    socket.on('error', () => undefined).resume();
  });
  await once(app.listen(0, '127.0.0.1'), 'listening');
  const { port } = app.address() as AddressInfo;
  const ask = await serve(t, [port]);
  t.is(await ask(`/probe/tcp/${port}`), '200 ok');
  t.is(await ask(`/probe/tcp/${port}`, { method: 'HEAD' }), '200 ');
  t.deepEqual(callers, ['127.0.0.6', '127.0.0.6']);
  app.close();
  await once(app, 'close');
  t.is(
    await ask(`/probe/tcp/${port}`),
    `503 The application does not accept connections at 127.0.0.1:${port}: ECONNREFUSED.`,
  );
});

test('only the ports of probes may be asked about, by GET, and the other paths stay', async (t) => {
  const ask = await serve(t, [8080]);
  t.is(await ask('/probe/tcp/22'), '404 Port 22 is not in HEDDLE_PROBE_PORTS.');
  t.is(await ask('/probe/tcp/8080', { method: 'POST' }), '405 /probe/tcp/8080 answers GET only.');
  t.is(await ask('/probe/tcp/8080/x'), '404 Ask for /ready or /live.');
  t.is(await ask('/ready'), '200 ok');
});

test('an application that lets connections wait fails the probe within a second', async (t) => {
  const port = await silentListener(t);
  await undisturbed(t, 40, async (round) => {
    const ask = await serve(round, [port]);
    // The first request loads what fetch is made of.
    await ask('/ready');
    const began = performance.now();
    round.regex(await ask(`/probe/tcp/${port}`), /^503 .*no answer within 900 ms\.$/);
    round.true(performance.now() - began < 1000);
  });
});
