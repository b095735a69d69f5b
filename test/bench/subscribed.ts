import { fork, spawnSync } from 'node:child_process';
import { on } from 'node:events';
import { join } from 'node:path';
import { pino } from 'pino';
import { createConfiguration } from '../../agent/configuration.ts';
import type { Identify } from '../../agent/discovery/identity.ts';
import { createDiscoveryServer } from '../../agent/discovery/server.ts';
import { Store } from '../../agent/store.ts';
import { roles } from '../../cli/roles.ts';
import { route, service, slice } from './manyObjects.ts';

/**
 * One changed route, from its event until each of 100 subscribed streams has it, over real gRPC, with 5,000 Services and
 * 5,000 routes. The streams' other ends are a process of its own: of CPU this tells what the agent takes, which does not
 * depend on what else the machine does.
 */
const count = 5000;
const streams = 100;
const turns = 500;
/** Before V8 has compiled what a change needs, each takes a multiple; an agent has had some by then. */
const unmeasured = 100;

// As the image starts it.
const { nodeFlags } = roles.agent;
if (!nodeFlags.every((flag) => process.execArgv.includes(flag))) {
  const flags = [...nodeFlags, ...process.execArgv];
  const { status } = spawnSync(process.execPath, [...flags, import.meta.filename], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

// Streams of one address are bounded while nobody knows whose they are.
const identify: Identify = ({ authorization: pod = '' }) => ({
  ok: true,
  identityAmong: () => ({ namespace: 'shop-0', pod }),
});
const log = pino({ level: 'silent' });
const store = new Store();
const server = createDiscoveryServer({ log, identify });
const configure = createConfiguration({ log, server });
for (let index = 0; index < count; index += 1)
  for (const object of [service(index), slice(index), route(index)]) store.apply({ type: 'applied', object });
handOn();
const address = await server.listen('127.0.0.1:0');
// Each wants what a sidecar wants: twenty Services, the changed one among them.
const names = Array.from({ length: 20 }, (_, at) => `10.96.0.${at}:80`);
const program = join(import.meta.dirname, 'programs/streams.ts');
const sidecars = fork(program, [address, `${streams}`, ...names], { execArgv: [] });
const said = on(sidecars, 'message');
await hear();

const tookMs: number[] = [];
let cpuBefore = process.cpuUsage();
for (let turn = -unmeasured; turn < turns; turn += 1) {
  if (turn === 0) cpuBefore = process.cpuUsage();
  const weight = turn + unmeasured + 2;
  const start = performance.now();
  store.apply({ type: 'applied', object: route(7, weight) });
  handOn();
  for (let has = 0; has < weight;) has = Number(await hear());
  if (turn >= 0) tookMs.push(performance.now() - start);
}
const { user, system } = process.cpuUsage(cpuBefore);
const cpuMs = ((user + system) / 1000 / turns).toFixed(2);
const sorted = tookMs.toSorted((one, other) => one - other);
const at = (share: number): string => (sorted[Math.floor(share * (turns - 1))] ?? Number.NaN).toFixed(1);
console.log(
  `a changed route at all of ${streams} streams: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms (aim 30, not done above 60)`,
);
console.log(`of the agent's CPU: ${cpuMs} ms a change`);
sidecars.kill();
await server.close(100);

function handOn(): void {
  configure(store.objects, { names: store.takeChanged(), events: 1, objects: [], complete: true, heldMs: 0 });
}

async function hear(): Promise<unknown> {
  const { value } = await said.next();
  return value?.[0];
}
