import { accessLines } from './clients.ts';
import { labTest } from './labTest.ts';
import { type PodOptions, startMesh } from './mesh.ts';
import { heddleCommand } from '../../lab/programs.ts';

const server = (name: string): PodOptions => ({ apps: [['grpcServer.ts', name, '8080']] });
const speaks = { port: 50_051, appProtocol: 'kubernetes.io/h2c' };
const method = (name: string) => ({ method: { service: 'test.Echo', method: name } });
const backend = (name: string, weight = 1) => ({ name, port: 50_051, weight });
const parentRefs = [{ group: '', kind: 'Service', name: 'rpc', port: 50_051 }];

const route = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GRPCRoute',
  metadata: { name: 'canary', namespace: 'shop' },
  spec: {
    parentRefs,
    rules: [
      {
        name: 'testers',
        matches: [{ ...method('Canary'), headers: [{ name: 'x-canary', value: '1' }] }],
        backendRefs: [backend('v2')],
      },
      { matches: [method('Nowhere')], backendRefs: [backend('nobody')] },
      { matches: [{ method: { service: 'test.Echo' } }], backendRefs: [backend('v1', 3), backend('v2')] },
    ],
  },
};

labTest('gRPC: one channel is split by RPCs, and errors are told in gRPC', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, v1: server('v1'), v2: server('v2') },
    services: [
      { name: 'rpc', ip: 1, pods: ['v1', 'v2'], ...speaks },
      { name: 'v1', ip: 2, pods: ['v1'], ...speaks },
      { name: 'v2', ip: 3, pods: ['v2'], ...speaks },
    ],
    routes: [route],
  });
  const { pod, sidecar } = mesh.pod('client');
  const { stdout, stderr } = await pod.run({
    command: heddleCommand('test/e2e/programs/grpcClient.ts', '10.96.0.1:50051'),
  });
  const result = JSON.parse(stdout || stderr) as { answers: Record<string, number> };
  t.like(result, {
    canary: 'v2',
    streamed: 1000,
    unmatched: 'UNIMPLEMENTED: heddle: no rule of the routes on this Service port matches the request',
    invalid:
      'UNAVAILABLE: heddle: BackendNotFound: Service shop/nobody does not exist; create it or correct backendRef',
  });
  t.regex(JSON.stringify(result), /"refused":"NOT_FOUND: v[12] refuses"/);
  t.regex(JSON.stringify(result), /"late":"DEADLINE_EXCEEDED: /);
  const { v1 = 0, v2 = 0 } = result.answers;
  t.is(v1 + v2, 400);
  t.true(v1 > 240 && v1 < 350, `v1 got ${v1} of 400 where 300 are meant`);

  const [canary] = await accessLines(sidecar, '/test.Echo/Canary');
  t.like(canary, {
    route: 'GRPCRoute shop/canary',
    rule: 0,
    ruleName: 'testers',
    matched: 'service test.Echo and method Canary and header x-canary = 1',
    backend: 'shop/v2:50051',
    grpcService: 'test.Echo',
    grpcMethod: 'Canary',
    grpcStatus: 'OK',
  });
  t.like((await accessLines(sidecar, '/test.Echo/Refuse'))[0], { status: 200, grpcStatus: 'NOT_FOUND', level: 'info' });
  t.like((await accessLines(sidecar, '/test.Echo/Nowhere'))[0], { grpcStatus: 'UNAVAILABLE', flags: 'NC' });
  t.like((await accessLines(sidecar, '/test.Order/Place'))[0], { grpcStatus: 'UNIMPLEMENTED', flags: 'NR' });
  t.like((await accessLines(sidecar, '/test.Echo/Hang'))[0], { grpcStatus: 'DEADLINE_EXCEEDED' });
  const { stdout: metrics } = await pod.run({ command: ['curl', '-sS', 'http://127.0.0.1:15020/metrics'] });
  t.regex(
    metrics,
    /outbound_grpc_route_backend_response_statuses_total\{[^}]*route_kind="GRPCRoute"[^}]*grpc_method="Who",grpc_status="OK",error=""\} \d+/,
  );
  // The server's sidecar has seen them as gRPC, too.
  t.like((await accessLines(mesh.pod('v2').sidecar, '/test.Echo/Canary'))[0], {
    direction: 'inbound',
    grpcStatus: 'OK',
  });
});
