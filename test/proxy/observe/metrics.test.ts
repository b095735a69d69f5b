import test from 'ava';
import { createMetrics } from '../../../proxy/observe/metrics.ts';

const parent = { namespace: 'shop', name: 'cart', port: 80 };
const route = { kind: 'HTTPRoute', namespace: 'shop', name: 'cart', rule: 2 } as const;
const outcome = { status: 200, durationMs: 3, bytesIn: 10, bytesOut: 100, flag: undefined } as const;
const parentText =
  'parent_group="core",parent_kind="Service",parent_namespace="shop",parent_name="cart",parent_port="80"';
const routeText = `${parentText},route_group="gateway.networking.k8s.io",route_kind="HTTPRoute",route_namespace="shop",route_name="cart",rule="2"`;
const backendText = (name: string) =>
  `backend_group="core",backend_kind="Service",backend_namespace="shop",backend_name="${name}",backend_port="80"`;

async function lines(metrics: ReturnType<typeof createMetrics>, name: string): Promise<string[]> {
  const { body } = await metrics.render();
  return String(body)
    .split('\n')
    .filter((line) => line.startsWith(name));
}

test('requests are counted per backend, durations per rule', async (t) => {
  const metrics = createMetrics();
  const v1 = metrics.http.route({ parent, route, backend: { ...parent, name: 'v1' } });
  const v2 = metrics.http.route({ parent, route, backend: { ...parent, name: 'v2' } });
  v1.observe(outcome);
  v1.observe(outcome);
  v2.observe({ ...outcome, status: 503, durationMs: 20_000, flag: 'UH' });
  t.deepEqual(await lines(metrics, 'outbound_http_route_backend_response_statuses_total'), [
    `outbound_http_route_backend_response_statuses_total{${routeText},${backendText('v1')},http_status="200",error=""} 2`,
    `outbound_http_route_backend_response_statuses_total{${routeText},${backendText('v2')},http_status="503",error="UH"} 1`,
  ]);
  const durations = await lines(metrics, 'outbound_http_route_request_duration_seconds');
  const buckets = durations.filter((line) => line.includes('_bucket')).map((line) => line.replace(/.*,le=/, ''));
  t.deepEqual(buckets.slice(0, 4), ['"0.001"} 0', '"0.0025"} 0', '"0.005"} 2', '"0.01"} 2']);
  t.deepEqual(buckets.slice(-2), ['"10"} 2', '"+Inf"} 3']);
  t.is(durations.at(-2), `outbound_http_route_request_duration_seconds_sum{${routeText}} 20.006`);
  t.is(durations.at(-1), `outbound_http_route_request_duration_seconds_count{${routeText}} 3`);
  t.deepEqual(await lines(metrics, 'outbound_http_route_response_body_bytes_total'), [
    `outbound_http_route_response_body_bytes_total{${routeText}} 300`,
  ]);
});

const rpcs = 'outbound_grpc_route_backend_response_statuses_total';

test('RPCs are counted by service, method and status', async (t) => {
  const metrics = createMetrics();
  const grpc = metrics.http.route({ parent, route: { ...route, kind: 'GRPCRoute' }, backend: parent });
  grpc.observe({ ...outcome, rpc: { path: '/shop.Cart/Add', status: 'OK' } });
  grpc.observe({ ...outcome, rpc: { path: '/shop.Cart/Add', status: 'OK' } });
  grpc.observe({ ...outcome, rpc: { path: '/shop.Cart/Add', status: 'UNAVAILABLE' }, flag: 'UH' });
  grpc.observe(outcome);
  const labels = `${routeText.replace('HTTPRoute', 'GRPCRoute')},${backendText('cart')}`;
  const named = 'grpc_service="shop.Cart",grpc_method="Add"';
  t.deepEqual(await lines(metrics, rpcs), [
    `${rpcs}{${labels},${named},grpc_status="OK",error=""} 2`,
    `${rpcs}{${labels},${named},grpc_status="UNAVAILABLE",error="UH"} 1`,
  ]);
});

test('names of methods that callers make up are no series', async (t) => {
  const metrics = createMetrics();
  const inbound = metrics.http.inbound(80);
  for (let index = 0; index < 2000; index++) {
    inbound.observe({ ...outcome, rpc: { path: `/a.B/C${index}`, status: 'UNIMPLEMENTED' } });
    inbound.observe({ ...outcome, rpc: { path: `/d.E/F${index}`, status: 'OK' } });
  }
  const counted = await lines(metrics, 'inbound_grpc_response_statuses_total{');
  t.deepEqual(
    counted.filter((line) => line.includes('UNIMPLEMENTED')),
    [
      'inbound_grpc_response_statuses_total{target_port="80",grpc_service="",grpc_method="",grpc_status="UNIMPLEMENTED",error=""} 2000',
    ],
  );
  t.true(counted.length <= 502);
});

test('what a server makes up from 600 on is one series', async (t) => {
  const metrics = createMetrics();
  const inbound = metrics.http.inbound(80);
  for (let status = 599; status < 1000; status++) inbound.observe({ ...outcome, status });
  t.deepEqual(await lines(metrics, 'inbound_http_response_statuses_total'), [
    'inbound_http_response_statuses_total{target_port="80",http_status="599",error=""} 1',
    'inbound_http_response_statuses_total{target_port="80",http_status="600-999",error=""} 400',
  ]);
});

test('a route is named with its kind', async (t) => {
  const metrics = createMetrics();
  metrics.http.route({ parent, route: { ...route, kind: 'GRPCRoute' }, backend: parent }).observe(outcome);
  const [line] = await lines(metrics, 'outbound_http_route_backend_response_statuses_total{');
  t.regex(line ?? '', /route_kind="GRPCRoute"/);
});

test('default forwarding has its own route labels', async (t) => {
  const metrics = createMetrics();
  metrics.http.route({ parent, backend: parent }).observe(outcome);
  const [line] = await lines(metrics, 'outbound_http_route_backend_response_statuses_total{');
  t.regex(line ?? '', /route_kind="default",route_namespace="",route_name="default",rule="",/);
});

test('asking again for the same labels goes on counting', async (t) => {
  const metrics = createMetrics();
  metrics.http.inbound(8080).observe(outcome);
  metrics.http.inbound(8080).observe({ ...outcome, status: 404 });
  metrics.http.inbound(8080).observe(outcome);
  t.deepEqual(await lines(metrics, 'inbound_http_response_statuses_total'), [
    'inbound_http_response_statuses_total{target_port="8080",http_status="200",error=""} 2',
    'inbound_http_response_statuses_total{target_port="8080",http_status="404",error=""} 1',
  ]);
});

test('label sets beyond the limit are counted together as other', async (t) => {
  const metrics = createMetrics(2);
  for (let port = 1; port <= 50; port++) metrics.http.inbound(port).observe(outcome);
  t.deepEqual(await lines(metrics, 'inbound_http_response_statuses_total'), [
    'inbound_http_response_statuses_total{target_port="1",http_status="200",error=""} 1',
    'inbound_http_response_statuses_total{target_port="2",http_status="200",error=""} 1',
    'inbound_http_response_statuses_total{target_port="other",http_status="200",error=""} 48',
  ]);
});

test('connections are counted open and closed, with their bytes', async (t) => {
  const metrics = createMetrics();
  const service = metrics.tcp.outbound(parent);
  service.opened();
  service.opened();
  service.closed({ ...outcome, status: 0, flag: 'UC' });
  metrics.tcp.outbound(undefined).opened();
  t.deepEqual(await lines(metrics, 'outbound_tcp_open_connections'), [
    `outbound_tcp_open_connections{${parentText}} 1`,
    'outbound_tcp_open_connections{parent_group="",parent_kind="passthrough",parent_namespace="",parent_name="",parent_port=""} 1',
  ]);
  t.deepEqual(await lines(metrics, 'outbound_tcp_closed_connections_total'), [
    `outbound_tcp_closed_connections_total{${parentText},error="UC"} 1`,
  ]);
  t.deepEqual(await lines(metrics, 'outbound_tcp_sent_bytes_total'), [
    `outbound_tcp_sent_bytes_total{${parentText}} 100`,
    'outbound_tcp_sent_bytes_total{parent_group="",parent_kind="passthrough",parent_namespace="",parent_name="",parent_port=""} 0',
  ]);
});

test('registered metrics are read at each scrape, names are escaped', async (t) => {
  const metrics = createMetrics();
  let value = 1;
  metrics.register({
    name: 'config_resources',
    help: 'Resources held',
    type: 'gauge',
    read: () => [{ labels: { kind: 'a"b\n' }, value }],
  });
  t.deepEqual(await lines(metrics, 'config_resources'), [String.raw`config_resources{kind="a\"b\n"} 1`]);
  value = 2;
  t.deepEqual(await lines(metrics, 'config_resources'), [String.raw`config_resources{kind="a\"b\n"} 2`]);
});

test('the process reports its memory', async (t) => {
  const [line] = await lines(createMetrics(), 'process_resident_memory_bytes');
  t.true(Number(line?.split(' ')[1]) > 1e6);
});
