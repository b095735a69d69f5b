import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { connectApi } from '../../kubernetes/connect.ts';
import { serviceRoutingTypeUrl } from '../../routing/wire/typeUrls.ts';
import { TestClient } from '../agent/discovery/client.ts';
import { installGatewayApi } from '../cluster/gatewayApi.ts';
import { startControlPlane } from '../cluster/startControlPlane.ts';
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
const ports = { ready: 25_021, metrics: 25_020, discovery: 25_010 };

const plane = await startControlPlane();
const api = await connectApi({ kubeconfig: plane.kubeconfig });
try {
  await installGatewayApi({ channel: 'standard', access: plane });
  await fill();
  const agent = await startAgent();
  try {
    await measure(agent);
  } finally {
    agent.child.kill('SIGTERM');
    await once(agent.child, 'exit');
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

type Agent = { readonly child: ChildProcess; readonly lines: string[]; readonly readyMs: number };

async function startAgent(): Promise<Agent> {
  const main = path.join(import.meta.dirname, '../../dist/agent.mjs');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...options.flag, main], {
    env: {
      ...process.env,
      KUBECONFIG: plane.kubeconfig,
      HEDDLE_CONFIG_DIR: '',
      HEDDLE_DISCOVERY_ADDRESS: `127.0.0.1:${ports.discovery}`,
      HEDDLE_READY_PORT: String(ports.ready),
      HEDDLE_METRICS_PORT: String(ports.metrics),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${ports.ready}/ready`).catch(() => undefined);
    if (response?.status === 200) return { child, lines, readyMs: performance.now() - startedAt };
    if (child.exitCode !== null) throw new Error('the agent ended');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function measure({ child, lines, readyMs }: Agent): Promise<void> {
  const pid = child.pid ?? 0;
  console.log(`ready after ${(readyMs / 1000).toFixed(2)} s, memory then: ${memory(pid)}`);
  for (const line of lines.filter((text) => !text.includes('"level":"debug"')).slice(0, 4))
    console.log(`  ${line.slice(0, 300)}`);
  await sleep(5000);
  const cpuBefore = cpuMs(pid);
  const seconds = Number(options.seconds);
  await sleep(seconds * 1000);
  const share = (cpuMs(pid) - cpuBefore) / (seconds * 10);
  console.log(`at rest for ${seconds} s: ${share.toFixed(2)} % of a core, memory: ${memory(pid)}`);
  await measureChanges(pid, lines);
}

async function measureChanges(pid: number, lines: readonly string[]): Promise<void> {
  const service = (await api.request({ path: '/api/v1/namespaces/shop-7/services/svc-7' })) as {
    spec: { clusterIP: string };
  };
  const client = new TestClient(`127.0.0.1:${ports.discovery}`);
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
    .map(({ translateMs }) => Number(translateMs));
  console.log(`answer of the API server → sidecar has the new weight: ${percentiles(tookMs)}`);
  console.log(`of which translated, encoded, told (first ${applied[0]} ms): ${percentiles(applied.slice(1))}`);
  console.log(`memory after that: ${memory(pid)}`);
}

function percentiles(figures: readonly number[]): string {
  const sorted = figures.toSorted((one, other) => one - other);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, n=${sorted.length}`;
}

function memory(pid: number): string {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string): string => (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1]) / 1024).toFixed(0);
  return `${mb('VmRSS')} MB resident (anonymous ${mb('RssAnon')} MB, peak ${mb('VmHWM')} MB)`;
}

/** User and system time; a tick is 10 ms. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
