import type { Logger } from '../runtime/log.ts';
import type { Contents } from './discovery/content.ts';
import { indexPods } from './discovery/identity.ts';
import type { DiscoveryServer } from './discovery/server.ts';
import { type Snapshot, createSnapshot } from './discovery/snapshot.ts';
import type { Changes } from './loop.ts';
import { createProblemReport } from './problems.ts';
import { printStatuses } from './statusTable.ts';
import type { Objects } from './store.ts';
import type { Translation } from './translate/result.ts';
import { createTranslation } from './translate/translate.ts';

export type ConfigurationOptions = {
  readonly log: Logger;
  readonly server: DiscoveryServer;
  /** How resources are encoded; as this version does when left out. */
  readonly contents?: Contents;
  /** Takes the table of statuses whenever it changes; left out: nobody reads it. */
  readonly print?: (table: string) => void;
  /** Takes each translation once it is served. */
  readonly onTranslation?: (translation: Translation) => void;
};

/** What was served, and how long it took until every stream was told: from the objects, and from the first event of the change. */
export type Applied = {
  readonly revision: string;
  readonly problems: number;
  readonly tookMs: number;
  readonly sinceEventMs: number;
};

/** Returns what is to be done with new objects: translate them, serve them, tell a person what changed. */
export function createConfiguration({
  log,
  server,
  contents,
  print,
  onTranslation,
}: ConfigurationOptions): (objects: Objects, changes: Changes) => Applied {
  const translate = createTranslation();
  let served: Snapshot | undefined;
  let table = printStatuses([]);
  const report = createProblemReport(log);

  return (objects, changes) => {
    const start = performance.now();
    const translation = translate(objects);
    const snapshot = createSnapshot({ ...translation, complete: changes.complete }, contents);
    server.publish({ snapshot, identities: indexPods(objects.Pod) });
    const translateMs = hundredths(performance.now() - start);
    const fields = {
      snapshot: snapshot.revision,
      ...(changes.complete ? {} : { complete: false }),
      changed: changes.objects,
      events: changes.events,
      heldMs: hundredths(changes.heldMs),
      translateMs,
    };
    if (snapshot.revision === served?.revision) log.debug(fields, 'Configuration unchanged');
    else {
      const counted = { ...fields, ...count(objects, translation), streams: server.streams };
      // Pods come and go all the time, in a rollout several times a second; people look for changes of theirs.
      if (isEndpointsOnly(served, snapshot)) log.debug(counted, 'Endpoints applied');
      else log.info(counted, 'Configuration applied');
    }
    served = snapshot;
    const problems = report(translation.problems);
    onTranslation?.(translation);
    if (print !== undefined) {
      const nextTable = printStatuses(translation.statuses);
      if (nextTable !== table) print(nextTable);
      table = nextTable;
    }
    return {
      revision: snapshot.revision,
      problems,
      tookMs: translateMs,
      sinceEventMs: changes.heldMs + translateMs,
    };
  };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

function isEndpointsOnly(before: Snapshot | undefined, after: Snapshot): boolean {
  return before?.routingRevision === after.routingRevision && before.complete === after.complete;
}

function count(objects: Objects, translation: Translation): Record<string, number> {
  return {
    services: objects.Service.length,
    routes: objects.HTTPRoute.length,
    endpoints: translation.endpoints.reduce((sum, { endpoints }) => sum + endpoints.length, 0),
    problems: translation.problems.length,
  };
}
