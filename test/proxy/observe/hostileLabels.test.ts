import test from 'ava';
import { startOkBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { ask } from '../peer.ts';

test('whatever paths, hosts, queries, fields and methods clients make up, there are no more series', async (t) => {
  const backend = await startOkBackend(t);
  const sidecar = setUp(t);
  sidecar.apply(routingSample(), endpointsOf('cart', readyEndpoint(backend.port)));
  const [service, straight] = [await sidecar.service(), await sidecar.straight(backend.port)];
  const count = async (): Promise<number> => (await sidecar.metrics.render()).body.toString().split('\n').length;
  for (const port of [service, straight]) await ask(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await sidecar.logged(2);
  const before = await count();
  for (const port of [service, straight]) {
    const requests = Array.from({ length: 200 }, (_, at) => {
      const fields = `Host: h${at}.example\r\nUser-Agent: u${at}\r\nX-${at}: ${at}\r\n`;
      return `M${at} /p${at}/"\\{le="${at}"}?q=${at} HTTP/1.1\r\n${fields}\r\n`;
    });
    t.is((await ask(port, requests.join(''))).match(/HTTP\/1.1 200 /g)?.length, 200);
  }
  await sidecar.logged(402);
  t.is(await count(), before);
});
