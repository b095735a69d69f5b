import test from 'ava';
import { firstNode } from './names.ts';
import { waitUntil } from './process/progress.ts';
import { agentsOf, keepAgentsOn, letAgentsRun } from './support/agents.ts';
import { client, deploy, pod, service, undeclared } from './support/app.ts';
import { answers, ask } from './support/call.ts';
import { awaitLine, linesOf } from './support/log.ts';
import { addressesOf, readPod } from './support/pods.ts';
import { mark } from './support/route.ts';
import { useNamespace } from './support/useNamespace.ts';

// Takes agents away from everybody, hence after other files and one test after another (ava.cluster.config.js).
const mesh = useNamespace('agents');
test.before(async () => {
  await deploy([pod(mesh, 'web'), service(mesh, 'web', undeclared()), onFirstNode('old')]);
  await answers(mesh, 'old', 'http://web/');
});
test.after.always(letAgentsRun);

test.serial("pods are served by their own node's agent", async (t) => {
  // Several, so that it is not by chance; new ones, since an older one may have met the other node's agent.
  const names = ['fresh', 'fresh-2', 'fresh-3', 'fresh-4'];
  await deploy(names.map(onFirstNode));
  // A sidecar that has come again may still be counted twice for a moment.
  for (const name of names)
    t.deepEqual(new Set(await agentsOf(addressesOf(await readPod(mesh, name)))), new Set(['node1']), name);
});

test.serial("and by the other node's when its own is gone: routes still reach it", async (t) => {
  await keepAgentsOn('node2');
  const addresses = addressesOf(await readPod(mesh, 'fresh'));
  await waitUntil('a stream to node2', 60_000, async () => (await agentsOf(addresses)).join() === 'node2');
  await mark(mesh, 'other', ['fresh']);
  t.pass();
});

test.serial(
  'without any agent a pod starts after a bounded wait, says so, and its traffic passes through',
  async (t) => {
    await keepAgentsOn();
    await deploy([onFirstNode('late')]);
    const seen = await ask(mesh, 'late', 'http://web/untouched');
    t.is(seen.headers['x-route'], undefined);
    const lines = await awaitLine(mesh, 'late', { path: '/untouched', backend: 'passthrough', status: 200 });
    t.regex(
      lines.map(({ level, message }) => `${level} ${message}`).join('\n'),
      /^warn No agent answers: traffic passes through and no route applies until one does$/m,
    );
    // Who knew the route keeps it.
    t.is((await ask(mesh, 'fresh', 'http://web/kept')).headers['x-route'], 'other');
  },
);

test.serial('routes apply as soon as agents are back, to pods that started without them too', async (t) => {
  await letAgentsRun();
  await mark(mesh, 'back', ['old', 'fresh', 'late']);
  t.true((await linesOf(mesh, 'late')).some(({ message }) => message === 'Agent connected'));
});

function onFirstNode(name: string) {
  return client(mesh, name, { spec: { nodeName: firstNode.name } });
}
