import { inboundName } from '../routing/model.ts';
import { decodeEndpoints, decodeInbound, decodePeer, decodeServiceRouting } from '../routing/wire/decode.ts';
import { endpointsTypeUrl, inboundTypeUrl, peerTypeUrl, serviceRoutingTypeUrl } from '../routing/wire/typeUrls.ts';
import { Bag } from '../runtime/bag.ts';
import { createLog, openLogDestination } from '../runtime/log.ts';
import { reasonOf } from '../runtime/reason.ts';
import { countDescriptors, shareDescriptors } from '../runtime/descriptors.ts';
import { readSettings } from '../runtime/settings.ts';
import { onShutdown } from '../runtime/shutdown.ts';
import { markedSocketFd } from './intercept/mark.ts';
import type { Listener } from '../proxy/socket/listener.ts';
import { mapApart, trimMalloc } from '../proxy/libc.ts';
import { listen } from './listeners.ts';
import { underWay } from '../proxy/exchange/underWay.ts';
import { connectionsByProtocol } from '../proxy/serve/connectionsByProtocol.ts';
import type { Engine } from '../proxy/serve/engine.ts';
import { limitHeld } from '../proxy/serve/limitHeld.ts';
import { limitUnread } from '../proxy/serve/limitUnread.ts';
import { createReport } from '../proxy/serve/report.ts';
import { shareRoom } from '../proxy/serve/sharedRoom.ts';
import { createAccessLog } from '../proxy/observe/accessLog.ts';
import { serveAdmin } from '../proxy/observe/admin.ts';
import { createMetrics, serveMetrics } from '../proxy/observe/metrics.ts';
import { answerProbes } from './answerProbes.ts';
import { createRefusedHint } from './refusedHint.ts';
import { serveReady } from '../runtime/ready.ts';
import { stateFamilies } from '../proxy/observe/stateMetrics.ts';
import { readAuthentication, sidecarSettings } from './settings.ts';
import { collectEarly } from './collectEarly.ts';
import { haveOthersGiveWay } from './giveWay.ts';
import { wakeSoon } from './wakeSoon.ts';
import { followRequests } from './youngGeneration.ts';
import { giveBackStartupPages } from './startupPages.ts';
import { onRestAfterWork } from './restAfterWork.ts';
import { drain } from './shutdown.ts';
import { InboundPorts } from './redirected/inboundPorts.ts';
import { Peers } from './redirected/peers.ts';
import type { TransparentRole } from './redirected/role.ts';
import { createResourceType } from '../proxy/table/resourceType.ts';
import { Subscriber } from '../proxy/table/subscribe.ts';
import { RoutingTable } from '../proxy/table/table.ts';
import { UpstreamRegistry } from '../proxy/upstream/registry.ts';
import { tellLeftOut } from './tellLeftOut.ts';

const read = readSettings(sidecarSettings, process.env);
if (!read.ok) {
  for (const error of read.errors) console.error(error);
  process.exit(1);
}
const { settings } = read;
// A flood leaves its buffers full of holes, and malloc gives back whole pages at its end alone.
mapApart(32_768);
const program = 'sidecar';
const output = openLogDestination(settings.logFlushMs);
const log = createLog(program, settings.logLevel, output);
const metrics = createMetrics();
const accessLogLevel = { mode: settings.accessLog, sampleOneIn: settings.accessLogSample };
const accessLog = createAccessLog({
  program,
  destination: output,
  level: accessLogLevel,
  isDebug: () => log.isLevelEnabled('debug'),
});

const { mark } = settings;
const makeSocket = mark === 0 ? undefined : (family: 4 | 6): number => markedSocketFd(family, mark);
const connections = connectionsByProtocol({
  maxConnections: settings.maxUpstreamConnections,
  maxWaiting: settings.maxWaitingRequests,
  connectTimeoutMs: settings.connectTimeoutMs,
  idleTimeoutMs: settings.upstreamIdleTimeoutMs,
});
const descriptors = countDescriptors();
const { accepted, dialled } = shareDescriptors(descriptors);
const registry = new UpstreamRegistry(connections, makeSocket, tellLeftOut(log), dialled);

let revision = '';
const routings = createResourceType({
  typeUrl: serviceRoutingTypeUrl,
  decode: decodeServiceRouting,
  apply(name, routing, version) {
    revision = version;
    return table.applyRouting(name, routing, version);
  },
  remove: (name) => table.removeRouting(name),
  reject: (name) => table.rejectRouting(name),
});
const endpoints = createResourceType({
  typeUrl: endpointsTypeUrl,
  decode: decodeEndpoints,
  apply(name, value) {
    if (value.name !== name) return `calls itself ${value.name}`;
    table.applyEndpoints(value);
    return undefined;
  },
  remove: (name) => table.applyEndpoints({ name, endpoints: [] }),
  reject: (name) => table.rejectEndpoints(name),
});
const inbound = new InboundPorts();
const own = createResourceType({
  typeUrl: inboundTypeUrl,
  decode: decodeInbound,
  apply(_name, value) {
    inbound.apply(value);
    return undefined;
  },
  remove: () => inbound.apply(),
  reject: () => inbound.arrival.settle(),
});
const callers = createResourceType({
  typeUrl: peerTypeUrl,
  decode: decodePeer,
  apply(address, peer) {
    peers.apply(address, peer);
    return undefined;
  },
  remove: (address) => peers.apply(address),
});
const peers: Peers = new Peers({ interest: callers, isLogged: () => accessLogLevel.mode !== 'off' });
// Without a name nobody can tell; then nothing is declared, and nothing waited for.
if (settings.podName === '') inbound.apply();
else own.want(inboundName({ namespace: settings.podNamespace, pod: settings.podName }));
const table: RoutingTable = new RoutingTable({
  interest: { routing: routings, endpoints },
  endpoints: registry,
  metrics: metrics.http,
  agentConnected: () => subscriber.connected,
});
const subscriber = new Subscriber({
  address: settings.agentAddress,
  authentication: readAuthentication(settings),
  nodeId: `${settings.podNamespace}/${settings.podName}`,
  types: [routings, endpoints, own, callers],
  log,
  startWaitMs: settings.startWaitMs,
});
metrics.register(...stateFamilies({ subscriber, table, registry }));

const engine: Engine = {
  limits: settings,
  registry,
  accessLog,
  report: createReport(accessLog.write),
  random: Math.random,
  closing: false,
  connections: new Bag(),
};
const role: TransparentRole = {
  engine,
  table,
  inbound,
  peers,
  metrics,
  log,
  opaquePorts: new Set(settings.opaquePorts.map(Number)),
  via: settings.via,
  inboundSilenceMs: 10,
  refusedHint: createRefusedHint(),
  probeToken: settings.probeToken,
  reportProbe: createReport(accessLog.writeIfNews),
  agentConnected: () => subscriber.mayAnswer,
  discoveryWaitMs: settings.discoveryWaitMs,
};

if (settings.agentTokenFile !== '' && settings.agentCaFile === '')
  log.warn('HEDDLE_AGENT_TOKEN_FILE is not used: a token goes over TLS only; set HEDDLE_AGENT_CA_FILE');
subscriber.start();
const { maxConnections } = settings;
const all = shareRoom(engine.connections, accepted);
const listeners = ((): readonly Listener[] => {
  try {
    return [
      ...listen({ direction: 'outbound', port: settings.outboundPort, maxConnections, all }, role),
      ...listen({ direction: 'inbound', port: settings.inboundPort, maxConnections, all }, role),
    ];
  } catch (error) {
    return cannotStart(error);
  }
})();
const onError = (error: unknown): void => log.error({ error }, 'Operator port failed');
const operatorServers = [
  await serveAdmin({
    port: settings.adminPort,
    subject: { config: () => table.describe(), revision: () => revision, log, accessLog: accessLogLevel },
    onError,
  }).catch(cannotStart),
  await serveMetrics({ port: settings.metricsPort, metrics, onError }).catch(cannotStart),
  await serveReady({
    port: settings.readyPort,
    sockets: settings.readySockets.map(Number),
    readiness: () => subscriber.readiness,
    further: answerProbes(new Set(settings.probePorts.map(Number))),
    onError,
  }).catch(cannotStart),
];
setInterval(() => table.sweep(), 60_000).unref();
if (globalThis.gc !== undefined) collectEarly(globalThis.gc);
followRequests(() => underWay.requests, globalThis.gc);
haveOthersGiveWay();
wakeSoon();
limitHeld(engine.connections, settings.maxHeldBytes, log);
limitUnread(engine.connections, { limitBytes: settings.maxHeldBytes * 4 }, log);

onShutdown(log, async () => {
  await drain({ engine, log, listeners, graceMs: settings.shutdownGraceMs });
  subscriber.stop();
  await Promise.all(operatorServers.map((server) => server.close()));
  output.flushSync();
});
if (accepted < maxConnections) {
  const fields = { openFiles: descriptors.limit, maxConnections, atMost: accepted };
  log.warn(fields, 'The limit of open files allows fewer connections than HEDDLE_MAX_CONNECTIONS');
}
log.info(
  { outbound: settings.outboundPort, inbound: settings.inboundPort, agent: settings.agentAddress },
  'Sidecar ready',
);
// Once the first connections have warmed up what is really used; and what compiling brought, when there is nothing to do.
setTimeout(giveBackPages, 2000).unref();
onRestAfterWork(giveBackPages);
// V8 compiles what traffic makes hot in megabytes of malloc's memory; a look that finds nothing takes 0.1 ms.
setInterval(trimMalloc, 5000).unref();

function giveBackPages(): void {
  log.debug({ givenBackKb: giveBackStartupPages() }, 'Start-up memory given back');
}

function cannotStart(error: unknown): never {
  console.error(`${program}: ${reasonOf(error)}; free the port or set another`);
  process.exit(1);
}
