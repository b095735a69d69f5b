import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { startProcess } from '../../lab/process.ts';
import { heddleCommand } from '../../lab/programs.ts';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';
import { freePort } from '../freePort.ts';
import { ruleGroups } from '../manifests/monitoring.ts';
import { folder as manifests } from '../manifests/objects.ts';
import { prometheusOperatorRecipe, promtoolRecipe } from './build/monitoring.ts';
import { obtain } from './build/recipe.ts';
import { installGatewayApi } from './gatewayApi.ts';
import { kubectlOf } from './kubectl.ts';
import { waitUntil } from './process/progress.ts';
import { run } from './process/run.ts';
import { type LoneControlPlane, startControlPlane } from './startControlPlane.ts';

// What the Prometheus operator's definitions and Prometheus' own tool say of manifests/overlays/monitoring.
const folder = temporaryFolder('heddle-monitoring-test-');
let plane: LoneControlPlane;

test.before(async () => {
  plane = await startControlPlane();
  await installGatewayApi({ channel: 'standard', access: plane });
});
test.after.always(() => plane.close());

test.serial(
  'the overlay is accepted by the definitions of the Prometheus operator, and the dashboard is found',
  async (t) => {
    const crd = path.join(await obtain(prometheusOperatorRecipe()), 'crd');
    const files = ['podmonitors', 'prometheusrules'].map((plural) => `${crd}/monitoring.coreos.com_${plural}.yaml`);
    await kubectlOf(plane, ['apply', '--server-side', ...files.flatMap((file) => ['-f', file])]);
    await kubectlOf(plane, ['wait', '--for=condition=Established', ...files.flatMap((file) => ['-f', file])]);
    await kubectlOf(plane, ['create', 'namespace', 'heddle-system']);
    const apply = ['apply', '--server-side', '--validate=strict', '-k', path.join(manifests, 'overlays/monitoring')];
    await kubectlOf(plane, apply);
    const select = ['get', 'configmaps', '-A', '--selector', 'grafana_dashboard=1', '--output', 'name'];
    t.is((await kubectlOf(plane, select)).trim(), 'configmap/heddle-dashboard');
  },
);

const of = (backend: string, status: string, error = ''): string =>
  [
    'outbound_http_route_backend_response_statuses_total{parent_namespace="shop",parent_name="cart",parent_port="80",',
    'route_kind="HTTPRoute",route_namespace="shop",route_name="cart",rule="0",backend_namespace="shop",',
    `backend_name="${backend}",backend_port="80",http_status="${status}",error="${error}",pod="client-1"}`,
  ].join('');
const ofRPC = (backend: string, status: string, error = ''): string =>
  of(backend, '200', error)
    .replace('outbound_http', 'outbound_grpc')
    .replace('http_status="200"', `grpc_service="cart.Cart",grpc_method="Get",grpc_status="${status}"`);
const within = (bound: string): string =>
  `outbound_http_route_request_duration_seconds_bucket{parent_namespace="shop",parent_name="cart",route_name="cart",rule="0",le="${bound}"}`;

// Of 100 requests in 15 s the first backend gets 63 and fails 3, the second 27 and fails 9; 10 clients went away.
const series: readonly (readonly [name: string, perStep: number])[] = [
  [of('v1', '200'), 60],
  [of('v1', '404'), 3],
  [of('v2', '200'), 18],
  [of('v2', '200', 'UC'), 3],
  [of('v2', '503', 'UF'), 5],
  [of('v2', '600-999'), 1],
  [of('', '499', 'DC'), 10],
  // The same RPC as that of the 200 UC, and three that failed by what gRPC says alone; NOT_FOUND is no failure.
  [ofRPC('v2', 'UNAVAILABLE', 'UC'), 3],
  [ofRPC('v1', 'INTERNAL'), 3],
  [ofRPC('v1', 'NOT_FOUND'), 5],
  [within('0.01'), 50],
  [within('0.1'), 95],
  [within('1'), 100],
  [within('+Inf'), 100],
];
const expected: readonly (readonly [expression: string, labels: string, value: number])[] = [
  ['sum by (rule) (heddle:route_requests:rate1m)', '{rule="0"}', 100 / 15],
  ['sum by (rule) (heddle:route_success:ratio_rate1m)', '{rule="0"}', 0.88],
  [
    'sum by (backend_name) (heddle:route_backend_success:ratio_rate1m{backend_name="v1"})',
    '{backend_name="v1"}',
    60 / 63,
  ],
  [
    'sum by (backend_name) (heddle:route_backend_success:ratio_rate1m{backend_name="v2"})',
    '{backend_name="v2"}',
    18 / 27,
  ],
  ['sum by (backend_name) (heddle:route_backend_share:ratio_rate1m{backend_name="v1"})', '{backend_name="v1"}', 0.63],
  ['sum by (rule) (heddle:route_request_duration_seconds:p50)', '{rule="0"}', 0.01],
  ['sum by (rule) (heddle:route_request_duration_seconds:p95)', '{rule="0"}', 0.1],
];

test.serial('promtool: the rules are PromQL, and yield the golden signals of what was counted', async (t) => {
  const promtool = path.join(await obtain(promtoolRecipe()), 'promtool');
  const rules = path.join(folder, 'rules.json');
  writeFileSync(rules, JSON.stringify({ groups: ruleGroups() }));
  t.regex(await run([promtool, 'check', 'rules', rules]), /SUCCESS: 10 rules found/);
  const cases = {
    rule_files: [rules],
    evaluation_interval: '15s',
    tests: [
      {
        interval: '15s',
        input_series: series.map(([name, perStep]) => ({ series: name, values: `0+${perStep}x20` })),
        promql_expr_test: expected.map(([expr, labels, value]) => ({
          expr: `round(${expr}, 0.000001)`,
          eval_time: '3m',
          exp_samples: [{ labels, value: Math.round(value * 1e6) / 1e6 }],
        })),
      },
    ],
  };
  const file = path.join(folder, 'cases.json');
  writeFileSync(file, JSON.stringify(cases));
  t.regex(await run([promtool, 'test', 'rules', file]), /SUCCESS/);
});

test.serial('an agent that leads has the metrics of statuses that the dashboard reads', async (t) => {
  const port = await freePort();
  const agent = startProcess(heddleCommand('agent/main.ts'), {
    HEDDLE_DISCOVERY_ADDRESS: `127.0.0.1:${await freePort()}`,
    HEDDLE_READY_PORT: String(await freePort()),
    HEDDLE_METRICS_PORT: String(port),
    KUBECONFIG: plane.kubeconfig,
  });
  t.teardown(() => agent.stop());
  await agent.waitForLine((line) => line.includes('"Agent ready"'), 60_000);
  let text = '';
  await waitUntil('the metrics', 60_000, async () => {
    text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return text.includes('heddle_agent_status_pending ');
  });
  t.regex(text, /^heddle_agent_status_writes_total\{outcome="written"\} \d/m);
  t.regex(text, /^# TYPE discovery_streams_lacking gauge$/m);
});
