import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import type { LabProcess } from '../../lab/process.ts';
import { heddleCommand } from '../../lab/programs.ts';
import { accessLines, until } from './clients.ts';
import { labTest } from './labTest.ts';
import { type MeshPod, startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';
import { builtProgram, lacksTool } from './programs.ts';

const lacks = await lacksTool('go', 'python');

/** The cases that gRPC publishes, as far as they need no TLS and no account somewhere; the last one is ours. */
const cases = [
  ['empty_unary', 'large_unary', 'client_streaming', 'server_streaming', 'ping_pong', 'empty_stream'],
  ['timeout_on_sleeping_server', 'cancel_after_begin', 'cancel_after_first_response', 'status_code_and_message'],
  ['special_status_message', 'custom_metadata', 'unimplemented_method', 'unimplemented_service', 'huge_unary'],
].flat();
/** These are part of grpc-go alone. */
const soaks = ['rpc_soak', 'channel_soak'];

const at = { port: 50_051, targetPort: 8080 };
const services = [
  { name: 'go', ip: 1, pods: ['go'], ...at, appProtocol: 'kubernetes.io/h2c' },
  { name: 'js', ip: 2, pods: ['js'], ...at, appProtocol: 'grpc' },
  { name: 'py', ip: 3, pods: ['py'], ...at, portName: 'grpc-main' },
];
const addresses = services.map(({ ip }) => `10.96.0.${ip}:${at.port}`);
const method = { service: 'grpc.testing.TestService' };
/** The sidecar itself says of other gRPC services behind `go` that they are not implemented. */
const route = routeObject({
  kind: 'GRPCRoute',
  parent: 'go',
  rules: [{ matches: [{ method }], backendRefs: [{ name: 'go', port: at.port }] }],
});

type Client = { readonly command: readonly string[]; readonly cases: readonly string[] };

/** Runs the cases one client after the other, each against every server. */
async function passes(t: ExecutionContext, { pod }: MeshPod, mode: 'plain' | 'gzip', clients: readonly Client[]) {
  for (const client of clients) {
    const { stdout, stderr } = await pod.run({ command: [...client.command, mode, ...addresses] });
    const expected = addresses.flatMap((address) => client.cases.map((name) => `${address} ${name} passed`));
    const failed = stdout.split('\n').filter((line) => line !== '' && !line.endsWith(' passed'));
    const missing = expected.filter((line) => !stdout.includes(`${line}\n`));
    t.deepEqual(
      { failed, missing },
      { failed: [], missing: [] },
      `${client.command[0]} ${mode}: ${stderr.slice(-3000)}`,
    );
  }
}

/** How many requests of more than a megabyte this sidecar has seen. */
async function large(sidecar: LabProcess): Promise<number> {
  const lines = await accessLines(sidecar, '/grpc.testing.TestService/UnaryCall', 9);
  return lines.filter(({ bytesIn }) => Number(bytesIn) > 1_000_000).length;
}

labTest(
  'gRPC’s cases of interoperability: grpc-go, grpc-js and grpcio, each as client and as server, plain and with gzip',
  async (t, lab) => {
    const go = `${await builtProgram('interop')}/real`;
    const program = fileURLToPath(new URL('programs/interop.py', import.meta.url));
    const python = [`${await builtProgram('grpcio')}/bin/python`, program];
    const mesh = await startMesh(lab, {
      pods: {
        client: {},
        zipping: { apps: [] },
        go: { apps: [[go, 'server', '8080']] },
        js: { apps: [['interopServer.ts', '8080']] },
        py: { apps: [[...python, 'server', '8080']] },
      },
      services,
      routes: [route],
    });
    const clients = [
      { command: [go, 'client'], cases: [...cases, ...soaks] },
      { command: heddleCommand('test/e2e/programs/interopClient.ts'), cases },
      { command: [...python, 'client'], cases },
    ];
    await Promise.all([
      passes(t, mesh.pod('client'), 'plain', clients),
      passes(t, mesh.pod('zipping'), 'gzip', clients),
    ]);
    const { stdout, stderr } = await mesh.pod('client').pod.run({ command: [go, 'client', 'orca', `${addresses[0]}`] });
    t.is(stdout, `${addresses[0]} orca_per_rpc passed\n`, stderr);

    // Compressed it went through: of the large messages only grpc-js sends one as it is, to a server that it does not know yet.
    t.is(await large(mesh.pod('client').sidecar), 9);
    t.true((await large(mesh.pod('zipping').sidecar)) <= 1);
    // What a client cancels after a first answer is cancelled at its server. Not always what grpc-js cancels: it ends its
    // request first, as Node's HTTP/2 does, and the server may have answered before the reset comes.
    for (const { name } of services) {
      const { sidecar } = mesh.pod(name);
      await until(async () => {
        const calls = await accessLines(sidecar, '/grpc.testing.TestService/FullDuplexCall');
        return calls.filter(({ status, grpcStatus }) => status === 200 && grpcStatus === 'CANCELLED').length >= 4;
      });
    }
    const unimplemented = await accessLines(
      mesh.pod('client').sidecar,
      '/grpc.testing.UnimplementedService/UnimplementedCall',
      9,
    );
    t.is(unimplemented.filter(({ flags }) => flags === 'NR').length, clients.length);
  },
  () => lacks,
);
