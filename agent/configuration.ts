import type { Logger } from '../runtime/log.ts';
import type { Contents } from './discovery/content.ts';
import { NodeZones } from './discovery/nodeZones.ts';
import { PodAddresses } from './discovery/podAddresses.ts';
import { Resources } from './discovery/resources.ts';
import type { DiscoveryServer } from './discovery/server.ts';
import type { Changes } from './loop.ts';
import { builtKinds } from './objects/types.ts';
import { createProblemReport } from './problems.ts';
import { createStatusTable } from './statusTable.ts';
import type { Objects } from './store.ts';
import type { Change } from './translate/derived.ts';
import { onlyHolder } from './translate/peers.ts';
import type { TranslationChanges } from './translate/result.ts';
import { Translation } from './translate/translate.ts';

export type ConfigurationOptions = {
  readonly log: Logger;
  readonly server: DiscoveryServer;
  /** How resources are encoded; as this version does when left out. */
  readonly contents?: Contents;
  /** Takes the table of statuses whenever it changes; left out: nobody reads it. */
  readonly print?: (table: string) => void;
  /** Takes what is new in the translation once it is served. */
  readonly onTranslation?: (changes: TranslationChanges) => void;
};

/** What was served, and how long it took until every stream was told: from the objects, and from the first event of the change. */
export type Applied = {
  readonly revision: string;
  readonly problems: number;
  readonly tookMs: number;
  readonly sinceEventMs: number;
};

/** Returns what is to be done when objects changed: translate them, serve them, tell a person what changed. */
export function createConfiguration({
  log,
  server,
  contents,
  print,
  onTranslation,
}: ConfigurationOptions): (objects: Objects, changes: Changes) => Applied {
  const translation = new Translation();
  const identities = new PodAddresses();
  const resources = new Resources(contents, {
    inboundOf: (pod) => translation.inboundOf(pod),
    peerOf: (address) => onlyHolder([...identities.holdersOf(address), ...translation.holdersOf(address)]),
  });
  const zones = new NodeZones();
  const tellServed = createServedReport(log);
  const tellProblems = createProblemReport(log);
  const updateTable = print && createStatusTable(print);
  const count = { endpoints: 0, problems: 0 };

  return (objects, changes) => {
    const start = performance.now();
    const translated = translation.update(objects, changes.names);
    const addresses = identities.update(objects.Pod, changes.names.Pod);
    const peers = translated.peers.union(addresses);
    const news = resources.update({ ...translated, peers }, changes.complete);
    zones.update(objects.EndpointSlice, changes.names.EndpointSlice);
    server.publish({ resources, identities, zones }, news);
    const tookMs = hundredths(performance.now() - start);
    count.endpoints += grown(translated.endpoints, ({ endpoints }) => endpoints.length);
    count.problems += grown(translated.problems, (problems) => problems.length);
    const routes = builtKinds.reduce((sum, kind) => sum + objects[kind].size, 0);
    const objectCounts = { services: objects.Service.size, routes };
    tellServed(resources, { changes, tookMs, counts: { ...objectCounts, ...count, streams: server.streams } });
    const problems = tellProblems(translated.problems);
    onTranslation?.(translated);
    updateTable?.(translated.statuses);
    return { revision: resources.revision, problems, tookMs, sinceEventMs: changes.heldMs + tookMs };
  };
}

type Served = Pick<Resources, 'revision' | 'routingRevision' | 'complete'>;

type Told = {
  readonly changes: Changes;
  readonly tookMs: number;
  readonly counts: Readonly<Record<string, number>>;
};

/** Returns what says that something is served, and whether it is anything new. */
function createServedReport(log: Logger): (served: Served, told: Told) => void {
  let before: Served | undefined;
  return ({ revision, routingRevision, complete }, { changes, tookMs, counts }) => {
    const fields = {
      snapshot: revision,
      ...(complete ? {} : { complete }),
      changed: changes.objects,
      events: changes.events,
      heldMs: hundredths(changes.heldMs),
      translateMs: tookMs,
    };
    const isRoutingKnown = before?.routingRevision === routingRevision && before.complete === complete;
    if (revision === before?.revision) log.debug(fields, 'Configuration unchanged');
    // Pods come and go all the time, in a rollout several times a second; people look for changes of theirs.
    else if (isRoutingKnown) log.debug({ ...fields, ...counts }, 'Endpoints applied');
    else log.info({ ...fields, ...counts }, 'Configuration applied');
    before = { revision, routingRevision, complete };
  };
}

function grown<V>(changes: readonly Change<V>[], sizeOf: (value: V) => number): number {
  return changes.reduce(
    (sum, { before, after }) => sum + (after ? sizeOf(after) : 0) - (before ? sizeOf(before) : 0),
    0,
  );
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
