import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connectApi } from '../../kubernetes/connect.ts';
import { serviceRoutingTypeUrl } from '../../routing/wire/typeUrls.ts';
import { TestClient } from '../agent/discovery/client.ts';
import { installGatewayApi } from '../cluster/gatewayApi.ts';
import { waitUntil } from '../cluster/process/progress.ts';
import { startControlPlane } from '../cluster/startControlPlane.ts';
import { type AgentProcess, cpuMs, percentiles, sleep, startAgentProcess } from './agentProcess.ts';
import { makeEndpointSlice, makeNamespace, makeRoute, makeService } from './clusterObjects.ts';

/**
 * The bundled agent at a real API server with many objects and no pods behind them: time to ready, memory, CPU at rest,
 * and how long one changed weight takes. `npm run build` first.
 */
const { values: options } = parseArgs({
  options: {
    services: { type: 'string', default: '2000' },
    endpoints: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '60' },
    changes: { type: 'string', default: '50' },
    flag: { type: 'string', multiple: true, default: [] },
  },
});
const count = Number(options.services);

const plane = await startControlPlane();
const api = await connectApi({ kubeconfig: plane.kubeconfig });
try {
  await installGatewayApi({ channel: 'standard', access: plane });
  await fill();
  const agent = await startAgentProcess(plane.kubeconfig, options.flag);
  try {
    await measure(agent);
  } finally {
    await agent.stop();
  }
} finally {
  await api.close();
  await plane.close();
}

async function fill(): Promise<void> {
  const start = performance.now();
  const namespaces = Array.from({ length: 20 }, (_, index) => `shop-${index}`);
  for (const name of namespaces) await api.request(makeNamespace(name));
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const namespace = namespaces[index % namespaces.length] ?? '';
      await api.request(makeService(namespace, index));
      await api.request(makeEndpointSlice(namespace, index, Number(options.endpoints)));
      await api.request(makeRoute(namespace, index, 1));
    }
  };
  await Promise.all(Array.from({ length: 12 }, work));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(
    `made ${count} Services, ${count} HTTPRoutes, ${count * Number(options.endpoints)} endpoints in ${seconds} s`,
  );
}

async function measure({ pid, lines, readyMs, discoveryAddress, metric }: AgentProcess): Promise<void> {
  console.log(`ready after ${(readyMs / 1000).toFixed(2)} s, memory then: ${memory(pid)}`);
  for (const line of lines.filter((text) => !text.includes('"level":"debug"')).slice(0, 4))
    console.log(`  ${line.slice(0, 300)}`);
  await waitUntil('all statuses', 120_000, async () => {
    const isLeader = (await metric('heddle_agent_status_leader')) === 1;
    return isLeader && (await metric('heddle_agent_status_pending')) === 0;
  });
  await sleep(5000);
  const cpuBefore = cpuMs(pid);
  const seconds = Number(options.seconds);
  await sleep(seconds * 1000);
  const share = (cpuMs(pid) - cpuBefore) / (seconds * 10);
  console.log(`at rest for ${seconds} s: ${share.toFixed(2)} % of a core, memory: ${memory(pid)}`);
  await measureChanges(discoveryAddress, lines);
  console.log(`memory after that: ${memory(pid)}`);
}

async function measureChanges(discoveryAddress: string, lines: readonly string[]): Promise<void> {
  const service = (await api.request({ path: '/api/v1/namespaces/shop-7/services/svc-7' })) as {
    spec: { clusterIP: string };
  };
  const client = new TestClient(discoveryAddress);
  client.send({ typeUrl: serviceRoutingTypeUrl, resourceNamesSubscribe: [`${service.spec.clusterIP}:80`] });
  await client.take();
  const tookMs: number[] = [];
  for (let weight = 2; weight < 2 + Number(options.changes); weight += 1) {
    const started = performance.now();
    await api.request(makeRoute('shop-7', 7, weight, 'change'));
    const answered = performance.now();
    await client.take();
    tookMs.push(performance.now() - answered);
    await sleep(100 + (answered - started) / 100);
  }
  client.close();
  const applied = lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ message }) => message === 'Configuration applied')
    .map(({ heldMs, translateMs }) => ({ heldMs: Number(heldMs), translateMs: Number(translateMs) }));
  const [first, ...later] = applied;
  const sinceEvent = percentiles(later.map(({ heldMs, translateMs }) => heldMs + translateMs));
  const work = percentiles(later.map(({ translateMs }) => translateMs));
  console.log(`answer of the API server → sidecar has the new weight: ${percentiles(tookMs)}`);
  console.log(`of which the agent, since its event: ${sinceEvent}`);
  console.log(`of which translated, encoded, told (first ${first?.translateMs} ms): ${work}`);
}

function memory(pid: number): string {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string): string => (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1]) / 1024).toFixed(0);
  return `${mb('VmRSS')} MB resident (anonymous ${mb('RssAnon')} MB, peak ${mb('VmHWM')} MB)`;
}
