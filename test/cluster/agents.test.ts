import test from 'ava';
import { agentsOf, keepAgentsOn, letAgentsRun } from './cases/agents.ts';
import {
  answers,
  ask,
  awaitLine,
  linesOf,
  makeNamespace,
  pod,
  ready,
  removeNamespaces,
  service,
} from './cases/meshPod.ts';
import { marked, markRoute } from './cases/route.ts';
import { apply, get } from './kubectl.ts';
import { firstNode } from './names.ts';
import { waitUntil } from './process/progress.ts';

// Takes agents away from everybody, hence after other files and one test after another (ava.cluster.config.js).
let mesh = '';
test.before(async () => {
  mesh = await makeNamespace('agents');
  await apply([pod(mesh, 'web'), service(mesh, 'web'), pod(mesh, 'old', onFirstNode())]);
  await ready(mesh, 'web', 'old');
  await answers(mesh, 'old', 'http://web/');
});
test.after.always(async () => {
  await letAgentsRun();
  await removeNamespaces(mesh);
});

test.serial("pods are served by their own node's agent", async (t) => {
  // Several, so that it is not by chance; new ones, since an older one may have met the other node's agent.
  const names = ['fresh', 'fresh-2', 'fresh-3', 'fresh-4'];
  await apply(names.map((name) => pod(mesh, name, onFirstNode())));
  await ready(mesh, ...names);
  for (const name of names) t.deepEqual(await agentsOf(await addressesOf(name)), ['node1'], name);
});

test.serial("and by the other node's when its own is gone: routes still reach it", async (t) => {
  await keepAgentsOn('node2');
  const addresses = await addressesOf('fresh');
  await waitUntil('a stream to node2', 30_000, async () => (await agentsOf(addresses)).join() === 'node2');
  await markRoute(mesh, 'other');
  await marked(mesh, 'fresh', 'other');
  t.pass();
});

test.serial(
  'without any agent a pod starts after a bounded wait, says so, and its traffic passes through',
  async (t) => {
    await keepAgentsOn();
    const startedAt = Date.now();
    await apply([pod(mesh, 'late', onFirstNode())]);
    await ready(mesh, 'late');
    t.true(Date.now() - startedAt < 40_000);
    const seen = await ask(mesh, 'late', 'http://web/untouched');
    t.is(seen.headers['x-route'], undefined);
    const lines = await awaitLine(mesh, 'late', { path: '/untouched', backend: 'passthrough', status: 200 });
    t.regex(
      lines.map(({ level, message }) => `${String(level)} ${message}`).join('\n'),
      /^warn No agent answers: traffic passes through and no route applies until one does$/m,
    );
    // Who knew the route keeps it.
    t.is((await ask(mesh, 'fresh', 'http://web/kept')).headers['x-route'], 'other');
  },
);

test.serial('routes apply as soon as agents are back, to pods that started without them too', async (t) => {
  await letAgentsRun();
  await markRoute(mesh, 'back');
  for (const name of ['old', 'fresh', 'late']) await marked(mesh, name, 'back');
  t.true((await linesOf(mesh, 'late')).some(({ message }) => message === 'Agent connected'));
});

function onFirstNode() {
  return { spec: { nodeName: firstNode.name }, container: { args: ['sleep'] } };
}

async function addressesOf(name: string): Promise<string[]> {
  const { status } = await get<{ status: { podIPs: { ip: string }[] } }>('-n', mesh, 'pod', name);
  return status.podIPs.map(({ ip }) => ip);
}
