import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectApi } from '../../kubernetes/connect.ts';
import { watchResource } from '../../kubernetes/watch.ts';
import { installGatewayApi } from '../cluster/gatewayApi.ts';
import { waitUntil } from '../cluster/process/progress.ts';
import { startControlPlane } from '../cluster/startControlPlane.ts';
import { createRoute, createService, patchRoute } from '../cluster/statusObjects.ts';
import { serviceRef } from '../cluster/support/route.ts';
import { cpuMs, percentiles, sleep, startAgentProcess } from './agentProcess.ts';

/**
 * The bundled agent at a real API server with many routes of one Service, which get their statuses as they are created,
 * and all another one by a change of that Service: how long that takes, who works for it, and how long a route that is
 * changed meanwhile waits for its own.
 * `npm run build` first.
 */
const { values: options } = parseArgs({
  options: {
    routes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '5' },
    flag: { type: 'string', multiple: true, default: [] },
  },
});
const count = Number(options.routes);
const plane = await startControlPlane();
const api = await connectApi({ kubeconfig: plane.kubeconfig });
const ending = new AbortController();
/** What stands in the status of each route, as text. */
const statuses = new Map<string, string>();
/** When the API server answered that it has the route, and when a status of it was first seen. */
const createdAt = new Map<string, number>();
const firstAt = new Map<string, number>();
try {
  await installGatewayApi({ channel: 'standard', access: plane });
  await createService(api, 'web', { ports: [{ name: 'http', port: 80 }] });
  await createService(api, 'other', { ports: [{ name: 'http', port: 80 }] });
  void followStatuses();
  const agent = await startAgentProcess(plane.kubeconfig, options.flag);
  try {
    await createRoute(api, 'lone', { parentRefs: [serviceRef('other')] });
    await waitUntil('the first status', 60_000, () => Promise.resolve(countOf('Route is accepted') === 1), 20);
    const startedAt = performance.now();
    await fill();
    const filledMs = Math.round(performance.now() - startedAt);
    await waitUntil('all statuses', 300_000, () => Promise.resolve(countOf('Route is accepted') === count + 1), 20);
    const delays = [...createdAt].map(([key, at]) => (firstAt.get(key) ?? Number.NaN) - at);
    const most = Math.max(...delays).toFixed(1);
    console.log(
      `${count} routes created in ${filledMs} ms, to their status: ${percentiles(delays)}, at most ${most} ms`,
    );
    await measure(agent.pid, agent.lines);
  } finally {
    await agent.stop();
  }
} finally {
  ending.abort();
  await api.close();
  await plane.close();
}

async function fill(): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `many-${index}`);
  const rules = [{ backendRefs: [{ name: 'web', port: 80 }] }];
  const work = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      await createRoute(api, name, { parentRefs: [serviceRef('web')], rules });
      createdAt.set(`default/${name}`, performance.now());
    }
  };
  await Promise.all(Array.from({ length: 12 }, work));
}

async function followStatuses(): Promise<void> {
  const paths = ['/apis/gateway.networking.k8s.io/v1/httproutes'];
  for await (const event of watchResource(api, { paths, signal: ending.signal }))
    if (event.type === 'applied') {
      const status = JSON.stringify(event.object['status'] ?? {});
      statuses.set(event.key, status);
      if (status.includes('Route is accepted') && !firstAt.has(event.key)) firstAt.set(event.key, performance.now());
    }
}

function countOf(text: string): number {
  return statuses.values().reduce((sum, status) => sum + Number(status.includes(text)), 0);
}

async function measure(agent: number, lines: readonly string[]): Promise<void> {
  const programs = { agent, 'API server': pidOf('kube-apiserver'), etcd: pidOf('etcd') };
  const loneMs: number[] = [];
  console.log(
    ['round', 'all ms', 'lone ms', 'warnings', ...Object.keys(programs).map((name) => `${name} CPU ms`)].join('\t'),
  );
  for (let round = 0; round < Number(options.rounds); round += 1) {
    await sleep(2000);
    const before = Object.values(programs).map(cpuMs);
    const warned = countWarnings(lines);
    // A port of another name each time, so that every status has another text than before.
    const name = `more-${round}`;
    const startedAt = performance.now();
    const all = changeService(name).then(() =>
      waitUntil('all statuses', 300_000, () => Promise.resolve(countOf(`90 (${name})`) === count), 20),
    );
    await sleep(300);
    const lone = await changeLone(round);
    loneMs.push(lone);
    await all;
    const allMs = performance.now() - startedAt;
    const spent = Object.values(programs).map((pid, index) => cpuMs(pid) - (before[index] ?? 0));
    await sleep(200);
    console.log([round, Math.round(allMs), Math.round(lone), countWarnings(lines) - warned, ...spent].join('\t'));
  }
  console.log(`a lone change meanwhile, to its status: ${percentiles(loneMs)}`);
}

function changeService(name: string): Promise<unknown> {
  const ports = [
    { name: 'http', port: 80 },
    { name, port: 90, appProtocol: 'tcp' },
  ];
  const path = '/api/v1/namespaces/default/services/web';
  return api.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body: { spec: { ports } } });
}

async function changeLone(round: number): Promise<number> {
  const port = 1000 + round;
  const startedAt = performance.now();
  await patchRoute(api, 'lone', { spec: { parentRefs: [serviceRef({ name: 'other', port })] } });
  const isThere = (): boolean => statuses.get('default/lone')?.includes(`with port ${port};`) === true;
  await waitUntil('the status of the lone route', 60_000, () => Promise.resolve(isThere()), 2);
  return performance.now() - startedAt;
}

function countWarnings(lines: readonly string[]): number {
  return lines.filter((line) => line.includes('"level":"warn"')).length;
}

function pidOf(component: string): number {
  const state = join(plane.pkiFolder, '..', `${component}.json`);
  return (JSON.parse(readFileSync(state, 'utf8')) as { readonly pid: number }).pid;
}
