import { spawnSync } from 'node:child_process';
import { pino } from 'pino';
import { createConfiguration } from '../../agent/configuration.ts';
import { identifyByAddress } from '../../agent/discovery/identity.ts';
import { createDiscoveryServer } from '../../agent/discovery/server.ts';
import type { KubernetesObject } from '../../agent/objects/types.ts';
import type { SourceEvent } from '../../agent/source.ts';
import { Store } from '../../agent/store.ts';
import { roles } from '../../cli/roles.ts';
import { grant, namespaces, route, service, slice } from './manyObjects.ts';

/**
 * The agent's way from changed objects to what every stream is told of, in one process, with 5,000 Services, 5,000
 * routes and 20,000 endpoints: the first translation, changes of each kind, memory.
 */
const count = 5000;
const turns = 200;

// As the image starts it.
const { nodeFlags } = roles.agent;
if (!nodeFlags.every((flag) => process.execArgv.includes(flag))) {
  const { status } = spawnSync(process.execPath, [...nodeFlags, import.meta.filename], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

const log = pino({ level: 'silent' });
const store = new Store();
const configure = createConfiguration({ log, server: createDiscoveryServer({ log, identify: identifyByAddress }) });

console.log(`nothing yet: ${memory()}`);
for (let index = 0; index < count; index += 1)
  for (const object of [service(index), slice(index), route(index)]) store.apply({ type: 'applied', object });
console.log(`${count} Services, ${count} routes, ${4 * count} endpoints decoded: ${memory()}`);
const cpuBefore = process.threadCpuUsage();
const firstMs = time(handOn);
const { user, system } = process.threadCpuUsage(cpuBefore);
// Of the CPU, what this thread took, which does not depend on what else the machine does.
const cpuMs = ((user + system) / 1000).toFixed(0);
console.log(`first translation: ${firstMs.toFixed(0)} ms, ${cpuMs} ms of CPU (at most 1200): ${memory()}`);

/** Spread over all objects. */
const nth = (turn: number): number => (turn * 37) % count;
const put = (object: KubernetesObject): SourceEvent => ({ type: 'applied', object });
const remove = (object: KubernetesObject): SourceEvent => ({ type: 'deleted', object });

measure('changed weight', 10, (turn) => put(route(nth(turn), turn + 2)));
measure('changed slice', 10, (turn) => put(slice(nth(turn), turn + 1)));
measure('changed Service', 15, (turn) => put(service(nth(turn), turn % 2 === 0 ? 'tcp' : 'http')));
measure('new Service', 15, (turn) => put(service(count + turn)));
measure('deleted Service', 15, (turn) => remove(service(count + turn)));
measure('deleted Service that has a route', 15, (turn) => remove(service(nth(turn))));
measure('this Service again', 15, (turn) => put(service(nth(turn))));
// As many as there are namespaces, then all again.
const isNew = (turn: number): boolean => Math.floor(turn / namespaces) % 2 === 0;
const granted = (turn: number): SourceEvent => (isNew(turn) ? put : remove)(grant(turn % namespaces));
measure('new or deleted ReferenceGrant', 20, granted);
console.log(`after all changes: ${memory()} (at most 300 MB resident)`);

function handOn(): void {
  configure(store.objects, { names: store.takeChanged(), events: 1, objects: [], complete: true, heldMs: 0 });
}

/** Times each change from its event until every stream was told of what it changes. */
function measure(what: string, targetMs: number, change: (turn: number) => SourceEvent): void {
  const tookMs = Array.from({ length: turns }, (_, turn) => {
    const event = change(turn);
    return time(() => {
      store.apply(event);
      handOn();
    });
  });
  console.log(`${what}: ${percentiles(tookMs)} (at most ${targetMs})`);
}

function time(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function percentiles(figures: readonly number[]): string {
  const sorted = figures.toSorted((one, other) => one - other);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

function memory(): string {
  const { rss, heapUsed } = process.memoryUsage();
  const [resident, heap] = [rss, heapUsed].map((bytes) => (bytes / 2 ** 20).toFixed(0));
  return `${resident} MB resident, ${heap} MB of heap`;
}
