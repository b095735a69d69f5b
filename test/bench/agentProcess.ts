import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { roles } from '../../cli/roles.ts';

/** The bundled agent as a process, at an API server by itself. */
export type AgentProcess = {
  readonly pid: number;
  /** Its log so far, a line of JSON each. */
  readonly lines: readonly string[];
  readonly readyMs: number;
  readonly discoveryAddress: string;
  /** A metric without labels. */
  readonly metric: (name: string) => Promise<number>;
  stop(): Promise<void>;
};

const ports = { ready: 25_021, metrics: 25_020, discovery: 25_010 };

/** Starts `dist/agent.mjs` (`npm run build`) as the image does, perhaps with more flags of Node; resolves once it is ready. Its Lease stands in the namespace `default`. */
export async function startAgentProcess(kubeconfig: string, flags: readonly string[]): Promise<AgentProcess> {
  const main = path.join(import.meta.dirname, '../../dist/agent.mjs');
  const discoveryAddress = `127.0.0.1:${ports.discovery}`;
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...roles.agent.nodeFlags, ...flags, main], {
    env: {
      ...process.env,
      KUBECONFIG: kubeconfig,
      HEDDLE_CONFIG_DIR: '',
      HEDDLE_NAMESPACE: 'default',
      HEDDLE_DISCOVERY_ADDRESS: discoveryAddress,
      HEDDLE_READY_PORT: String(ports.ready),
      HEDDLE_METRICS_PORT: String(ports.metrics),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${ports.ready}/ready`).catch(() => undefined);
    if (response?.status === 200) break;
    if (child.exitCode !== null) throw new Error('the agent ended');
    await sleep(10);
  }
  return {
    pid: child.pid ?? 0,
    lines,
    readyMs: performance.now() - startedAt,
    discoveryAddress,
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text();
      return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
    },
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** User and system time of a process in milliseconds; a tick is 10 ms. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

export function percentiles(figures: readonly number[]): string {
  const sorted = figures.toSorted((one, other) => one - other);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, n=${sorted.length}`;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
