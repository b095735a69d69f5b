import { agentName, injectorName } from '../contract/objects.ts';
import { connectApi } from '../kubernetes/connect.ts';
import { sleep } from '../kubernetes/sleep.ts';
import { createLog, openLogDestination } from '../runtime/log.ts';
import { serveReady } from '../runtime/ready.ts';
import { reasonOf } from '../runtime/reason.ts';
import { readSettings } from '../runtime/settings.ts';
import { onShutdown } from '../runtime/shutdown.ts';
import { admit, type Effects } from './admit.ts';
import { createAgentIp } from './agentIp.ts';
import { createConfirmation } from './confirm.ts';
import { createEvents } from './events.ts';
import { createNamespaceHints } from './hints.ts';
import { createNamespaceReader } from './namespaces.ts';
import type { Injection } from './patch/containers.ts';
import { createWebhookServer } from './server.ts';
import { checkLifetimes, injectorSettings, versionOf } from './settings.ts';
import { keyOf, tellOf } from './tellOf.ts';
import { TrustedNamespaces } from './trust/namespaces.ts';
import { createProblems } from './trust/problems.ts';
import { createReconciler } from './trust/reconcile.ts';

const read = readSettings(injectorSettings, process.env);
if (!read.ok) fail(read.errors);
const { settings } = read;
const wrongLifetimes = checkLifetimes(settings);
if (wrongLifetimes.length > 0) fail(wrongLifetimes);

const { namespace, agentAddress } = settings;
const version = versionOf(settings.image);
const output = openLogDestination(5);
const log = createLog('injector', settings.logLevel, output);
const api = await connectApi({ userAgent: `${injectorName}/${version}` }).catch((error: unknown) => {
  return fail([reasonOf(error)]);
});
const now = (): number => Date.now();
const agentNames = serviceNames(agentName, namespace);
const injection: Injection = {
  image: settings.image,
  version,
  namespace,
  agentAddress,
  agentServerName: `${agentName}.${namespace}.svc`,
  resources: {
    requests: given({ cpu: settings.cpuRequest, memory: settings.memoryRequest }),
    limits: given({ cpu: settings.cpuLimit, memory: settings.memoryLimit }),
  },
};

const problems = createProblems(log);
const agentIp = createAgentIp({ api, problems, namespace });
const events = createEvents({ api, log, now });
const namespaces = new TrustedNamespaces({ api, log, now });
const hints = createNamespaceHints({ api, log, events, now });
const readNamespace = createNamespaceReader({ api, now });
const stopping = new AbortController();
const effects: Effects = {
  ensureTrustBundle: createConfirmation({
    api,
    readNamespace,
    signal: stopping.signal,
    ensure: (name) => namespaces.ensure(name),
  }),
  reportEvent: (subject) => events.report(keyOf(subject), () => tellOf(subject, { api, injection, readNamespace })),
  agentIp: () => agentIp.value,
  readNamespace,
};
const server = createWebhookServer({
  port: settings.webhookPort,
  review: (body, purpose) => admit(body, { injection, effects, log, purpose }),
  onError: (error) => log.error({ error }, 'A review failed: please report it'),
});
const reconciler = createReconciler({
  api,
  log,
  problems,
  namespace,
  namespaces,
  webhookName: settings.webhookName,
  lifetimes: {
    authorityMs: settings.caLifetimeMs,
    certificateMs: settings.certificateLifetimeMs,
    overlapMs: settings.caOverlapMs,
  },
  servingNames: serviceNames(injectorName, namespace),
  agentNames,
  now,
  jitter: Math.random(),
  onCertificate: (pair) => server.setCertificate(pair),
});

let isListening = false;
const ready = await serveReady({
  port: settings.readyPort,
  readiness() {
    if (signal.aborted) return { ready: false, message: 'shutting down' };
    const message = reconciler.missing ?? (isListening ? undefined : 'not listening yet');
    return message === undefined ? { ready: true } : { ready: false, message };
  },
  onError: (error) => log.error({ error }, 'Operator port failed'),
}).catch((error: unknown) => fail([`${String(error)}; free the port or set HEDDLE_READY_PORT`]));

const { signal } = onShutdown(log, async () => {
  stopping.abort();
  await server.close(settings.shutdownGraceMs);
  await ready.close();
  await api.close();
  output.flushSync();
});
void listening();
let hasAgentIp = false;
for (let round = 0; ; round++) {
  if (round % 10 === 0 || !hasAgentIp) hasAgentIp = await agentIp.refresh();
  await reconciler.reconcile();
  await hints.look();
  await sleep(settings.trustPollMs * (0.9 + Math.random() * 0.2), signal);
  if (signal.aborted) break;
}

async function listening(): Promise<void> {
  try {
    const port = await server.listening;
    isListening = true;
    log.info({ port, namespace, image: settings.image }, 'Injector listens');
  } catch (error) {
    fail([`${String(error)}; free the port or set HEDDLE_WEBHOOK_PORT`]);
  }
}

/** As which pods and the API server call a Service. */
function serviceNames(service: string, of: string): readonly string[] {
  return [service, `${service}.${of}`, `${service}.${of}.svc`];
}

function given(quantities: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(quantities).flatMap(([key, value]) => (value ? [[key, value]] : [])));
}

function fail(errors: readonly string[]): never {
  for (const error of errors) process.stderr.write(`injector: ${error}\n`);
  process.exit(1);
}
