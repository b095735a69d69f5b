import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { startComponent, stopComponent } from './cluster.ts';
import { waitForHeddle } from './installHeddle.ts';
import { execIn, apply, kubectl, tryKubectl, waitForApiServer, waitForRollout } from './kubectl.ts';
import { waitUntil } from './process/progress.ts';
import { agentPids } from './support/agents.ts';
import { deploy, deployment, service, servingOn } from './support/app.ts';
import { httpRoute, to } from './support/route.ts';
import { startSteady, type Summary } from './support/steady.ts';
import { useNamespace } from './support/useNamespace.ts';

// Two applications of three replicas under a steady load. `abrupt` exits as soon as it is told to: what it is at work on is
// lost, so it is asked what can be asked again (GET). `gentle` serves on for 8 s, as its preStop hook says: not even a POST
// may be lost.
const namespace = useNamespace('rollouts');
const targets = [`GET=http://abrupt.${namespace}/`, `POST=http://gentle.${namespace}/`];
const perSecond = 600;
const outageMs = Number(process.env['HEDDLE_TEST_API_OUTAGE_S'] ?? 120) * 1000;
let total = 0;

test.before(async () => {
  await deploy([
    deployment(namespace, 'abrupt', servingOn(0), 3),
    service(namespace, 'abrupt'),
    deployment(namespace, 'gentle', servingOn(8), 3),
    service(namespace, 'gentle'),
  ]);
});

/** Does something under load; none of its requests may fail, and every target must have been served. */
async function underLoad(t: ExecutionContext, name: string, act: () => Promise<void>): Promise<Summary> {
  const load = await startSteady({ namespace, name, perSecond, targets });
  const error = await act().then(
    () => undefined,
    (cause: unknown) => cause,
  );
  const { summary, failures } = await load.stop();
  const { counts, slowestMs, durationMs } = summary;
  const sent = Object.values(counts).reduce((sum, { ok, failed }) => sum + ok + failed, 0);
  total += sent;
  t.log(`${sent} requests in ${Math.round(durationMs / 1000)} s, the slowest took ${slowestMs} ms`);
  for (const [target, { ok, failed, pods }] of Object.entries(counts))
    t.log(`${target.split('.')[0]}: ${ok} answered, ${failed} failed, by ${Object.keys(pods).length} pods`);
  t.deepEqual(failures, []);
  t.deepEqual(Object.keys(counts).toSorted(), [...targets].toSorted());
  // How many a second is the machine's matter; the log says it.
  for (const { ok } of Object.values(counts)) t.true(ok > 100, `${ok} answers`);
  if (error !== undefined) throw error;
  return summary;
}

async function restart(): Promise<void> {
  await kubectl('-n', namespace, 'rollout', 'restart', 'deployment/abrupt', 'deployment/gentle');
  await waitForRollout(namespace, ['deployment/abrupt', 'deployment/gentle']);
}

test.serial('a rolling update of the application loses no request', async (t) => {
  const { counts } = await underLoad(t, 'rollout', async () => {
    for (let turn = 0; turn < 4; turn += 1) await restart();
    await sleep(1000);
  });
  for (const { pods } of Object.values(counts)) t.true(Object.keys(pods).length >= 15, JSON.stringify(pods));
});

test.serial('a rolling update of the agents, and of the application meanwhile, loses no request', async (t) => {
  await underLoad(t, 'agents', async () => {
    await kubectl('-n', 'heddle-system', 'rollout', 'restart', 'daemonset/heddle-agent');
    await Promise.all([waitForRollout('heddle-system', ['daemonset/heddle-agent']), restart()]);
  });
});

test.serial('an agent that is killed every 5 seconds loses no request', async (t) => {
  let killed = 0;
  await underLoad(t, 'killed', async () => {
    for (let turn = 0; turn < 8; turn += 1) {
      const pids = await agentPids();
      const pid = pids[turn % Math.max(1, pids.length)];
      if (pid !== undefined) {
        process.kill(pid, 'SIGKILL');
        killed += 1;
      }
      await sleep(5000);
    }
  });
  t.true(killed >= 4, `${killed} were there to be killed`);
  // Made anew they come back at once; the kubelet would let those that were killed wait.
  await kubectl('-n', 'heddle-system', 'delete', 'pods', '-l', 'app.kubernetes.io/name=heddle-agent', '--wait=false');
  await waitForRollout('heddle-system', ['daemonset/heddle-agent']);
});

test.serial('without an API server no request is lost, and a route applies again afterwards', async (t) => {
  t.teardown(waitUntilWell);
  await underLoad(t, 'outage', async () => {
    await stopComponent('kube-apiserver');
    // Where managers elect a leader, one that loses its Lease ends. This one would go on and, faster than the kubelets,
    // call all nodes not ready, and so all their pods, which then are no endpoints for kube-proxy either.
    await stopComponent('kube-controller-manager');
    try {
      await sleep(outageMs);
    } finally {
      await startComponent('kube-apiserver');
      await waitForApiServer();
      await startComponent('kube-controller-manager');
    }
    const filter = {
      type: 'ResponseHeaderModifier',
      responseHeaderModifier: { set: [{ name: 'x-after-outage', value: 'applied' }] },
    };
    await apply([httpRoute(namespace, 'marked', 'abrupt', [{ filters: [filter], backendRefs: [to('abrupt')] }])]);
    await waitUntil('the route', 60_000, async () => {
      const answer = await execIn(namespace, 'outage', ['curl', '-si', '-m', '5', `http://abrupt.${namespace}/`]);
      return /^x-after-outage: applied\r?$/im.test(answer);
    });
    await sleep(5000);
  });
});

/** Other tests need nodes, DNS and the mesh, also when this one failed: the nodes must have been ready for a while. */
async function waitUntilWell(): Promise<void> {
  let readySince = Infinity;
  await waitUntil('nodes that stay ready', 240_000, async () => {
    const nodes = await tryKubectl('wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=1s');
    readySince = nodes.ok ? Math.min(readySince, Date.now()) : Infinity;
    return Date.now() - readySince > 30_000;
  });
  await waitForRollout('kube-system', ['deployment/coredns']);
  await waitForHeddle();
}

test.serial('50,000 requests were sent', (t) => t.true(total >= 50_000, `${total} requests`));
