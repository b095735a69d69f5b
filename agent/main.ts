import type { Api } from '../kubernetes/api.ts';
import { createLog, openLogDestination } from '../runtime/log.ts';
import { reasonOf } from '../runtime/reason.ts';
import { readSettings } from '../runtime/settings.ts';
import { onShutdown } from '../runtime/shutdown.ts';
import { openAuthentication } from './authentication.ts';
import { servingKinds } from './cluster/kinds.ts';
import { ObservedStatuses } from './cluster/observedStatus.ts';
import { watchCluster } from './cluster/watch.ts';
import { createConfiguration } from './configuration.ts';
import { createDiscoveryServer } from './discovery/server.ts';
import { logFiles } from './files/report.ts';
import { watchFiles } from './files/watch.ts';
import { runLoop } from './loop.ts';
import { createAgentMetrics } from './metrics.ts';
import { serveOperatorPorts } from './operatorPorts.ts';
import { findOrigin } from './origin.ts';
import { createPassedByReport } from './passedByReport.ts';
import { AgentReadiness } from './readiness.ts';
import { agentSettings } from './settings.ts';
import type { SourceEvent } from './source.ts';
import { PassedByEvents } from './status/passedByEvents.ts';
import { type Statuses, startStatuses } from './status/statuses.ts';
import type { TranslationChanges } from './translate/result.ts';

const read = readSettings(agentSettings, process.env);
if (!read.ok) fail(read.errors);
const { configDir, discoveryAddress, logLevel, pollMs, readyPort, metricsPort, adminPort, shutdownGraceMs } =
  read.settings;
const { namespace, podName } = read.settings;
const origin = await findOrigin(configDir).catch((error: Error) => fail([error.message]));

// How often it is looked which routes older sidecars pass by.
const lookMs = 5000;

// A reader of standard output that stalls must not stop the agent; 5 ms is what a person cannot see.
const output = openLogDestination(5);
const log = createLog('agent', logLevel, output);
const authentication = await openAuthentication(read.settings, origin, log).catch((error: Error) =>
  fail([error.message]),
);
const server = createDiscoveryServer({ log, ...authentication });
let statuses: Statuses | undefined;
const observed = new ObservedStatuses();
const uidOf = (route: string): string | undefined => observed.get(route)?.uid;
const events =
  origin.type === 'cluster' ? new PassedByEvents({ api: origin.api, log, agent: podName, uidOf }) : undefined;
const { signal } = onShutdown(log, async () => {
  clearInterval(looking);
  await Promise.all([statuses?.close(), events?.close(), server.close(shutdownGraceMs)]);
});
const report = createPassedByReport(log, (passed) => events?.tell(passed));
const looking = setInterval(() => report(server.passedBy(), performance.now()), lookMs).unref();

const metrics = createAgentMetrics(server);
const readiness = new AgentReadiness(origin.type === 'cluster' ? servingKinds : [], signal);
const ports = { ready: readyPort, metrics: metricsPort, admin: adminPort, reads: origin.type };
const served = { log, readiness, registry: metrics.registry, states: () => server.states() };
await serveOperatorPorts(ports, served).catch((error: Error) => fail([error.message]));

const address = await server.listen(discoveryAddress).catch((error: unknown) => {
  const reason = reasonOf(error);
  return fail([`${reason}; set HEDDLE_DISCOVERY_ADDRESS to a free address`]);
});

const configure = createConfiguration({
  log,
  server,
  // On a cluster the statuses stand in the routes themselves.
  ...(origin.type === 'folder' && { print: (table: string) => output.write(table) }),
  ...(origin.type === 'cluster' && { onTranslation: (changes) => writeStatuses(origin.api, changes) }),
});
let isReady = false;
await runLoop({
  sources: [openSource()],
  // What a folder yields was quiet already, and all that one reading of it found comes in one turn.
  ...(origin.type === 'folder' && { debounceMs: 0 }),
  onObjects(objects, changes) {
    metrics.applied(configure(objects, changes), objects);
    readiness.isServing();
    if (!isReady)
      log.info({ address, reads: origin.type, ...(configDir !== undefined && { configDir }) }, 'Agent ready');
    isReady = true;
  },
});

/** Only an agent that has something to say stands for election. */
function writeStatuses(api: Api, changes: TranslationChanges): void {
  statuses ??= startStatuses({ api, log, namespace, podName, observed, registry: metrics.registry });
  statuses.onTranslation(changes);
}

function openSource(): AsyncIterable<SourceEvent> {
  if (origin.type === 'folder') {
    return watchFiles(origin.configDir, { signal, report: logFiles(origin.configDir, log), pollMs });
  }
  return watchCluster(origin.api, {
    signal,
    log,
    observed,
    onWatch(kind, event) {
      metrics.watched(kind, event);
      if (event.type === 'listed' || event.type === 'missing') readiness.hasListed(kind);
    },
  });
}

function fail(errors: readonly string[]): never {
  for (const error of errors) process.stderr.write(`agent: ${error}\n`);
  process.exit(1);
}
