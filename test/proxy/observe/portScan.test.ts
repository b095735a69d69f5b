import test from 'ava';
import { createMetrics, type Metrics } from '../../../proxy/observe/metrics.ts';
import { startBackend, startOkBackend } from '../backend.ts';
import { setUp } from '../harness.ts';
import { ask } from '../peer.ts';

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

async function series(metrics: Metrics): Promise<string[]> {
  return (await metrics.render()).body
    .toString()
    .split('\n')
    .filter((line) => line.includes('target_port'));
}

test('ports that nobody could connect to have no series, by whatever they were asked', async (t) => {
  const sidecar = setUp(t);
  for (const bytes of [get, '\0\x01', 'GET / HTTP/1.1\r\n\r\n', 'a'.repeat(80)]) {
    // No test is ever given these ports: nobody listens there.
    for (const port of [1, 2, 3]) await ask(await sidecar.straight(port), bytes);
  }
  await sidecar.logged(12);
  t.deepEqual(await series(sidecar.metrics), []);
});

test('a port that was reached has them, and counts what fails there from then on', async (t) => {
  const http = await startOkBackend(t);
  const other = await startBackend(t, (peer) => peer.end());
  const sidecar = setUp(t);
  const [httpPort, otherPort] = [await sidecar.straight(http.port), await sidecar.straight(other.port)];
  await ask(httpPort, get);
  await ask(otherPort, '\0\x01');
  await sidecar.logged(2);
  await http.close();
  await other.close();
  await ask(httpPort, get);
  await ask(otherPort, '\0\x01');
  await sidecar.logged(4);
  const text = (await series(sidecar.metrics)).join('\n');
  t.regex(
    text,
    new RegExp(`inbound_http_response_statuses_total.target_port="${http.port}",http_status="200",error="". 1`),
  );
  t.regex(text, new RegExp(`target_port="${http.port}",http_status="503",error="UF". 1`));
  t.regex(text, new RegExp(`inbound_tcp_closed_connections_total.target_port="${other.port}",error="". 1`));
  t.regex(text, new RegExp(`inbound_tcp_closed_connections_total.target_port="${other.port}",error="UF". 1`));
  t.regex(text, new RegExp(`inbound_tcp_open_connections.target_port="${other.port}". 0`));
});

test('ports that were reached are bounded', async (t) => {
  const metrics = createMetrics(10);
  for (let port = 1; port <= 100; port++) metrics.tcp.inbound(port).opened();
  const open = (await series(metrics)).filter((line) => line.startsWith('inbound_tcp_open_connections'));
  t.is(open.length, 11);
  t.true(open.includes('inbound_tcp_open_connections{target_port="other"} 90'));
});
