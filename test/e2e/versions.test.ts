import type { ExecutionContext } from 'ava';
import { heddleCommand } from '../../lab/programs.ts';
import { capabilityNames } from '../../routing/wire/capabilities.ts';
import { olderSources } from '../olderSources.ts';
import { accessLines, curl, endpointsKnown, noFailures, startLoad, until } from './clients.ts';
import { labTest } from './labTest.ts';
import { type Mesh, startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

const older = await olderSources();
const at = 'http://10.96.0.1';
const web = { name: 'web', ip: 1, pods: ['v1', 'v2'] };
const services = [web, { name: 'v1', ip: 2, pods: ['v1'] }, { name: 'v2', ip: 3, pods: ['v2'] }];
const clients = ['older', 'present'] as const;
const noApp = { apps: [] };
const pods = {
  older: { ...noApp, sources: older.folder },
  present: noApp,
  v1: { sources: older.folder },
  v2: {},
};

/** A rule that sends everything below a path to one Service, which a header tells. */
function to(name: string, more: { readonly path?: string; readonly method?: string; readonly rewrite?: string } = {}) {
  const { path = '/', method, rewrite } = more;
  const match = { path: { type: 'PathPrefix', value: path }, ...(method && { method }) };
  const filters = rewrite === undefined ? [] : [{ type: 'URLRewrite', urlRewrite: { hostname: rewrite } }];
  return { matches: [match], filters, backendRefs: [{ name, port: 80 }] };
}

function routes(...rules: readonly unknown[]): unknown[] {
  return [routeObject({ parent: 'web', rules })];
}

/** Asks with both clients until both are answered by this app. */
async function bothReach(t: ExecutionContext, mesh: Mesh, name: string): Promise<void> {
  for (const client of clients) {
    const { pod } = mesh.pod(client);
    await t.notThrowsAsync(
      until(async () => (await curl(pod, `${at}/`)).name === name),
      `${client}, ${name}`,
    );
  }
}

/** Loads the Service from both clients; the returned function ends it, and fails the test if a request failed. */
async function loadBoth(t: ExecutionContext, mesh: Mesh): Promise<() => Promise<void>> {
  const stops = await Promise.all(clients.map((client) => startLoad(mesh.pod(client).pod, `${at}/`, 8)));
  return async () => {
    for (const [index, client] of clients.entries()) {
      const summary = await stops[index]?.();
      if (summary === undefined) return t.fail();
      noFailures(t, summary, mesh.pod(client).sidecar);
      t.true(summary.requests > 200, `${summary.requests} requests`);
      t.log(`${client}: ${summary.requests} requests, ${summary.failed} failed`);
    }
    return undefined;
  };
}

/** No resource that came to a sidecar was one that it could not use. */
function nothingRefused(t: ExecutionContext, mesh: Mesh): void {
  const all = [...Object.keys(pods).map((name) => mesh.pod(name).sidecar), mesh.agent].flatMap(({ lines }) => lines);
  t.deepEqual(
    all.filter((line) => /rejected/.test(line)),
    [],
  );
}

/** What the older sidecar cannot do answers 500 there and says what to do; the other rule of its route goes on. */
async function policiesFail(t: ExecutionContext, mesh: Mesh): Promise<void> {
  const { pod, sidecar } = mesh.pod('older');
  const slow = { ...to('v1', { path: '/slow' }), timeouts: { request: '10s' } };
  const retried = { ...to('v1', { path: '/off' }), retry: { attempts: 0 } };
  await mesh.writeRoutes(routes(slow, retried, to('v1')));
  await bothReach(t, mesh, 'v1');
  t.like(await curl(pod, `${at}/slow`), { status: 500 });
  const [line] = await accessLines(sidecar, '/slow');
  t.like(line, { flags: 'NFCF', route: 'HTTPRoute shop/web', rule: 0 });
  t.regex(
    String(line?.['reason']),
    /^timeouts: .* lacks heddle\.v1\.http-route-policies: restart the pod to upgrade it/,
  );
  t.like(await curl(pod, `${at}/off`), { status: 200, name: 'v1' }, 'it goes without what says that retries are off');
}

labTest(
  `agents and sidecars of now and of ${older.from} serve each other, and take over from each other, under load`,
  async (t, lab) => {
    const commands = {
      older: [process.execPath, `${older.folder}/agent/main.ts`],
      present: heddleCommand('agent/main.ts'),
    };
    const mesh = await startMesh(lab, { pods, services, routes: routes(to('v1')), agent: commands.older });
    await bothReach(t, mesh, 'v1');
    const stop = await loadBoth(t, mesh);
    for (const agent of ['older', 'present', 'older', 'present'] as const) {
      await mesh.agent.stop();
      await mesh.writeRoutes(routes(to('v2')));
      await mesh.startAgent(commands[agent]);
      await bothReach(t, mesh, 'v2');
      await mesh.writeRoutes(routes(to('v2', { path: '/x', method: 'PUT', rewrite: 'x' }), to('v1')));
      await bothReach(t, mesh, 'v1');
      await mesh.writeService({ ...web, pods: ['v2'] });
      await mesh.writeRoutes(routes(to('web')));
      await bothReach(t, mesh, 'v2');
      await mesh.writeService(web);
    }
    if (older.isOlder) await policiesFail(t, mesh);
    await stop();
    nothingRefused(t, mesh);
    const told = mesh.agent.lines.filter((line) => line.includes('Sidecar is older than this agent'));
    const which = told.map((line) => JSON.parse(line) as { sidecar: string; lacks: string[] });
    t.deepEqual(
      new Set(which.map(({ sidecar }) => sidecar)),
      // The sidecar of v1 calls nobody, so it asks for nothing.
      new Set(older.isOlder ? ['shop/older'] : []),
    );
    for (const { lacks } of which) t.deepEqual(lacks, [...capabilityNames]);
  },
);

labTest(
  `what sidecars of now and of ${older.from} cannot read of an agent of the future fails visibly, all else goes on`,
  async (t, lab) => {
    const command = heddleCommand('test/e2e/programs/newerAgent.ts');
    const mesh = await startMesh(lab, { pods, services, routes: routes(to('v1')), agent: command });
    await bothReach(t, mesh, 'v1');
    const stop = await loadBoth(t, mesh);
    const fresh = routeObject({ parent: 'v2', rules: [to('v1', { method: 'PUT' }), to('v1')] });
    for (const endpoints of [['v1'], ['v1', 'v2'], ['v2'], ['v1', 'v2']]) {
      await mesh.writeRoutes(routes(to('v1', { path: '/new', rewrite: 'x' }), to('v2')));
      await bothReach(t, mesh, 'v2');
      for (const client of clients) {
        const { pod, sidecar } = mesh.pod(client);
        t.like(await curl(pod, `${at}/new`), { status: 500 });
        const [line] = await accessLines(sidecar, '/new');
        t.like(line, { flags: 'NFCF', route: 'HTTPRoute shop/web', rule: 0 });
        t.regex(String(line?.['reason']), /^URLRewrite: .* lacks heddle\.test\.rewrite: restart the pod to upgrade it/);
      }
      await mesh.writeRoutes(routes(to('v1', { method: 'PUT' }), to('v1')));
      await mesh.writeService({ ...web, pods: endpoints });
      const addresses = endpoints.flatMap((name) => mesh.pod(name).addresses);
      for (const client of clients) {
        await endpointsKnown(mesh.pod(client).pod, 'web', addresses);
        t.is((await curl(mesh.pod(client).pod, `${at}/`)).name, 'v2', 'the routes of before are kept');
      }
      await mesh.writeRoutes([...routes(to('v1')), fresh]);
      await bothReach(t, mesh, 'v1');
    }
    await stop();
    nothingRefused(t, mesh);
    const kept = mesh.agent.lines.filter((line) => line.includes('keeps its earlier version'));
    t.is(kept.length, 2, 'told once of each client');
    for (const client of clients) {
      const answer = await curl(mesh.pod(client).pod, 'http://10.96.0.3/fresh');
      t.is(answer.status, 500, 'who comes to a Service only now has nothing to keep');
      t.regex(answer.text, /a match by method: .* lacks heddle\.test\.method/);
    }
  },
);
