import { heddleCommand } from '../../lab/programs.ts';
import { olderSources } from '../olderSources.ts';
import { until } from './clients.ts';
import { labTest } from './labTest.ts';
import { type PodOptions, startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

const older = await olderSources();
const server = (name: string): PodOptions => ({ apps: [['grpcServer.ts', name, '8080']] });
const speaks = { port: 50_051, appProtocol: 'kubernetes.io/h2c' };

const route = routeObject({
  kind: 'GRPCRoute',
  parent: 'rpc',
  rules: [{ backendRefs: [{ name: 'v1', port: 50_051 }] }],
});

labTest(
  `gRPC through sidecars of ${older.from} passes as it did before a GRPCRoute, and through present ones as that says`,
  async (t, lab) => {
    const mesh = await startMesh(lab, {
      // Called pods are of both versions, too.
      pods: {
        older: { apps: [], sources: older.folder },
        present: { apps: [] },
        v1: { ...server('v1'), sources: older.folder },
        v2: server('v2'),
      },
      services: [
        { name: 'rpc', ip: 1, pods: ['v1', 'v2'], ...speaks },
        { name: 'v1', ip: 2, pods: ['v1'], ...speaks },
      ],
      routes: [route],
    });
    const answersTo = async (client: string): Promise<readonly string[]> => {
      const command = heddleCommand('test/e2e/programs/grpcClient.ts', '10.96.0.1:50051');
      const { stdout, stderr } = await mesh.pod(client).pod.run({ command });
      return Object.keys((JSON.parse(stdout || stderr) as { answers: object }).answers);
    };
    t.deepEqual(await answersTo('present'), ['v1']);
    // One connection after another, each to an endpoint of the Service itself.
    const seen = new Set<string>();
    await until(async () => {
      for (const answer of await answersTo('older')) seen.add(answer);
      return seen.has('v2') || !older.isOlder;
    });
    t.deepEqual(
      [...seen].filter((answer) => answer !== 'v1' && answer !== 'v2'),
      [],
    );
    const told = mesh.agent.lines.filter((line) => line.includes('Sidecar is older than this agent'));
    t.is(
      told.some((line) => line.includes('"shop/older"') && line.includes('heddle.v1.http2')),
      older.isOlder,
    );
    if (!older.isOlder) return;
    const says = (...texts: readonly string[]) =>
      until(() => Promise.resolve(mesh.agent.lines.some((line) => texts.every((text) => line.includes(text)))));
    await says('Older sidecars pass a route by', '"GRPCRoute shop/rpc"', '1 sidecar: shop/older');
    await mesh.writeRoutes([]);
    await says('No older sidecar passes the route by', '"GRPCRoute shop/rpc"');
  },
);
