import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ports } from '../../contract/ports.ts';
import { type NetworkNamespace, openNamespace } from '../../lab/namespace.ts';
import { heddleCommand } from '../../lab/programs.ts';
import { checkGround } from '../../lab/requirements.ts';
import { sidecarCandidates, sidecarFlags } from './candidates/sidecar.ts';
import { cores, onCore, openGround, podAddress } from './ground.ts';
import { residentMegabytes } from './meter.ts';
import { meshServices, requestPath } from './objects.ts';

// What a neighbour notices of a port scan, either way, and of a storm of scrapes, and what they leave in memory and in
// /metrics. Needs npm run build.
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    /** Closed ports. */
    ports: { type: 'string', default: '1300' },
    scrapers: { type: 'string', default: '8' },
    dist: { type: 'string', default: 'dist' },
  },
});
const otherAddress = '10.244.0.9';
const firstPort = '20000';
const metricsUrl = `http://${podAddress}:${ports.metrics}/metrics`;

const checked = await checkGround();
if (!checked.ok) throw new Error(checked.problems.join('\n'));
const ground = await openGround();
const pod = ground.namespace;
const other = await openNamespace(checked.ground.access, 'bench/other', pod.pid);
try {
  await connectOther();
  const bundle = { name: 'heddle sidecar', dist: path.resolve(values.dist), flags: sidecarFlags };
  const { pid, address, port } = await sidecarCandidates({
    ...bundle,
    services: meshServices.present,
    portOffset: 0,
  })('http').start(ground);
  const { seconds, scrapers } = values;
  const attacks: readonly (readonly [title: string, from: NetworkNamespace, ...program: string[]])[] = [
    ['nothing, to warm up', other, 'scrape.ts', '1', '0', metricsUrl],
    ['nothing', other, 'scrape.ts', '1', '0', metricsUrl],
    ['outbound scan', pod, 'scan.ts', otherAddress, firstPort, values.ports],
    ['inbound scan', other, 'scan.ts', podAddress, firstPort, values.ports],
    ['scrape storm', other, 'scrape.ts', seconds, scrapers, metricsUrl],
    ['nothing again', other, 'scrape.ts', '1', '0', metricsUrl],
  ];
  for (const [title, from, ...program] of attacks) {
    const before = [await residentMegabytes(pid), await scrapedBytes()] as const;
    const neighbour = start(pod, 'neighbour.ts', seconds, `http://${address}:${port}${requestPath}`);
    const attack = start(from, ...program);
    await attack.exited;
    await neighbour.exited;
    // What is rendered is kept for a second.
    await sleep(1500);
    const after = [await residentMegabytes(pid), await scrapedBytes()] as const;
    console.log(
      `${title}: the neighbour ${neighbour.lines.at(-1) ?? 'nothing'}; ${attack.lines.at(-1) ?? 'nothing'}; ` +
        `${before[0].toFixed(0)} MB before, ${after[0].toFixed(0)} after; /metrics ${before[1]} bytes before, ${after[1]} after`,
    );
  }
} finally {
  await other.close();
  await ground.close();
}

/** The far end of the pod's own device, so that connections come in as they do from another pod. */
async function connectOther(): Promise<void> {
  await must(pod, `ip link set eth1 netns ${other.pid}`);
  await must(other, 'ip link set lo up');
  await must(other, `ip address add ${otherAddress}/32 dev eth1`);
  await must(other, 'ip link set eth1 up');
  await must(other, `ip route add ${podAddress}/32 dev eth1`);
}

async function must(namespace: NetworkNamespace, command: string): Promise<void> {
  const { code, stderr } = await namespace.run({ command: command.split(' ') });
  if (code !== 0) throw new Error(`${command} failed: ${stderr.trim()}`);
}

function start(namespace: NetworkNamespace, program = '', ...args: string[]) {
  return namespace.start({ command: onCore(cores.rest, heddleCommand(`test/bench/programs/${program}`, ...args)) });
}

async function scrapedBytes(): Promise<number> {
  const once = start(other, 'scrape.ts', '0', '1', metricsUrl);
  await once.exited;
  return Number(/(\d+) bytes$/.exec(once.lines.at(-1) ?? '')?.[1]);
}
