import type { ExecutionContext } from 'ava';
import { accessLines, curl } from './clients.ts';
import { runH2spec, runH2specd, type Outcome, type Target } from './h2spec.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';
import { builtProgram, lacksTool } from './programs.ts';

const noGo = await lacksTool('go');

// h2spec was written against RFC 7540. RFC 9113 (section 5.3) did away with priorities: a PRIORITY frame, or the priority
// of a HEADERS frame, is read and heeded by nobody, and no stream is at fault for what it says.
const selfDependence = ['http2/5.3.1/1', 'http2/5.3.1/2'];
// Where HTTP/1.1 is spoken as well, bytes that are no preface are a request of HTTP/1.1: they get its 400 and the
// connection's end, where h2spec expects that nothing comes before the end.
const noPreface = 'http2/3.5/2';

const pods = { client: {}, server: { apps: [['http2App.ts', 'server', '8080']] }, old: {} };
const services = [
  { name: 'web', ip: 1, pods: ['server'], appProtocol: 'kubernetes.io/h2c' },
  { name: 'old', ip: 2, pods: ['old'], appProtocol: 'http' },
];
const routes = [routeObject({ parent: 'old', rules: [{ backendRefs: [{ name: 'old', port: 80 }] }] })];

/** Exactly these cases fail of so many, and the server is well afterwards. */
async function holds(t: ExecutionContext, target: Target, exceptions: readonly string[]): Promise<void> {
  const outcomes = await runH2spec(target, exceptions);
  const url = `http://${target.host}:${target.port}/`;
  t.is(outcomes.length, 146, url);
  const failed = outcomes.filter(({ problem }) => problem !== '');
  t.deepEqual(
    failed.map(({ id }) => id),
    exceptions,
    `${url}: ${told(failed)}`,
  );
  t.like(await curl(target.from, '--http2-prior-knowledge', url), { status: 200 }, url);
}

function told(failed: readonly Outcome[]): string {
  return failed.map(({ id, title, problem }) => `${id} (${title}): ${problem}`).join('\n');
}

labTest(
  'h2spec: a sidecar is a server of HTTP/2, inbound and outbound, before backends of HTTP/2 and HTTP/1.1',
  async (t, lab) => {
    await builtProgram('h2spec');
    const mesh = await startMesh(lab, { pods, services, routes });
    const [host] = mesh.pod('server').addresses;
    const client = mesh.pod('client').pod;
    await Promise.all([
      holds(t, { from: mesh.node, host, port: 8080 }, selfDependence),
      holds(t, { from: client, host: '10.96.0.1', port: 80 }, selfDependence),
      holds(t, { from: client, host: '10.96.0.2', port: 80 }, [noPreface, ...selfDependence]),
    ]);
  },
  () => noGo,
);

labTest(
  'h2specd: a sidecar is a client of HTTP/2, of servers elsewhere and of its own pod',
  async (t, lab) => {
    await builtProgram('h2spec');
    const mesh = await startMesh(lab, { pods: { client: {}, server: { apps: [] } }, services: [] });
    const client = mesh.pod('client');
    const server = mesh.pod('server');
    const targets = [
      { on: mesh.node, host: '10.244.0.1', from: client.pod, through: client },
      { on: server.pod, host: server.addresses[0], from: mesh.node, through: server },
    ];
    await Promise.all(
      targets.map(async (target) => {
        const outcomes = await runH2specd(target);
        t.is(outcomes.length, 57, target.host);
        t.is(told(outcomes.filter(({ problem }) => problem !== '')), '', target.host);
        t.true((await accessLines(target.through.sidecar, '/', 57)).length >= 57, target.host);
      }),
    );
  },
  () => noGo,
);
