import test from 'ava';
import { apply, execIn, get } from './kubectl.ts';
import { waitUntil } from './process/progress.ts';
import { eventsOf } from './support/admission.ts';
import { deploy, pod, service, undeclared } from './support/app.ts';
import { answers } from './support/call.ts';
import { awaitLine, linesOf } from './support/log.ts';
import { readPod } from './support/pods.ts';
import { httpRoute } from './support/route.ts';
import { useNamespace } from './support/useNamespace.ts';

const mesh = useNamespace('probes');

/** Answers 500 while there is a file /tmp/ill; USR2 ends the listener of port 9000, and another USR2 starts it again. */
const program = `
const { createServer } = require('node:http');
const { existsSync, writeFileSync } = require('node:fs');
createServer((request, response) => {
  response.statusCode = existsSync('/tmp/ill') ? 500 : 200;
  response.end(request.url);
}).listen(8080, '::');
let tcp;
const toggle = () => {
  if (tcp === undefined) tcp = require('node:net').createServer((socket) => socket.end()).listen(9000, '::');
  else tcp.close(() => (tcp = undefined));
};
toggle();
process.on('SIGUSR2', toggle);
process.on('SIGTERM', () => process.exit(0));
`;
const app = {
  command: ['node', '-e', program],
  ports: [
    { name: 'web', containerPort: 8080 },
    { name: 'raw', containerPort: 9000 },
  ],
};
const often = { periodSeconds: 1, failureThreshold: 2 };
/** Liveness counts from when the application has started, which may take long on a busy machine. */
const startupProbe = {
  exec: { command: ['wget', '-q', '-O-', 'http://localhost:8080/'] },
  periodSeconds: 1,
  failureThreshold: 60,
};

test('probes of every type succeed through the sidecar, with numbers and names of ports', async (t) => {
  const served = {
    args: ['serve', '--http', '8080', '--tcp', '9000', '--grpc', '9002'],
    ports: app.ports,
  };
  const kinds = {
    http: {
      startupProbe: { httpGet: { path: '/started', port: 'web' }, periodSeconds: 1, failureThreshold: 60 },
      readinessProbe: {
        httpGet: { path: '/ready', port: 8080, httpHeaders: [{ name: 'x', value: 'probe' }] },
        ...often,
      },
      livenessProbe: { httpGet: { path: '/alive', port: 'web' }, ...often },
    },
    grpc: {
      startupProbe: { grpc: { port: 9002 }, periodSeconds: 1, failureThreshold: 60 },
      readinessProbe: { grpc: { port: 9002 }, ...often },
      livenessProbe: { grpc: { port: 9002, service: 'anything' }, ...often },
    },
    tcp: {
      startupProbe: { tcpSocket: { port: 'raw' }, periodSeconds: 1, failureThreshold: 60 },
      readinessProbe: { tcpSocket: { port: 9000 }, ...often },
      livenessProbe: { tcpSocket: { port: 'raw' }, ...often },
    },
    exec: {
      startupProbe,
      readinessProbe: { exec: { command: ['wget', '-q', '-O-', 'http://localhost:8080/'] }, ...often },
      livenessProbe: { exec: { command: ['true'] }, ...often },
    },
  };
  const names = Object.keys(kinds);
  await deploy(Object.entries(kinds).map(([name, probes]) => pod(mesh, name, { container: { ...served, ...probes } })));
  // Long enough for liveness to fail twice.
  await new Promise((resolve) => setTimeout(resolve, 3500));
  const told = (await linesOf(mesh, 'http')).filter(({ status }) => status === 200);
  t.deepEqual(told, [], 'the log is for requests');
  await logAtDebug('http');
  for (const path of ['/ready', '/alive']) {
    await awaitLine(mesh, 'http', { level: 'debug', direction: 'inbound', path, status: 200 });
  }
  for (const name of names) t.deepEqual(await stateOf(name), { ready: true, restarts: 0 }, name);
});

test('an application that answers with errors becomes unready, and ready again', async (t) => {
  await deploy([
    pod(mesh, 'moody', { container: { ...app, readinessProbe: { httpGet: { path: '/', port: 'web' }, ...often } } }),
  ]);
  await execIn(mesh, 'moody', ['sh', '-c', 'echo > /tmp/ill']);
  await becomes('moody', { ready: false, restarts: 0 });
  await execIn(mesh, 'moody', ['node', '-e', 'require("node:fs").unlinkSync("/tmp/ill")']);
  await becomes('moody', { ready: true, restarts: 0 });
  t.pass();
});

test('an application that no longer accepts connections becomes unready by tcpSocket, and ready again', async (t) => {
  await deploy([
    pod(mesh, 'deaf', { container: { ...app, readinessProbe: { tcpSocket: { port: 'raw' }, ...often } } }),
  ]);
  await execIn(mesh, 'deaf', ['kill', '-USR2', '1']);
  await becomes('deaf', { ready: false, restarts: 0 });
  const { items } = await get<{ items: { message: string }[] }>(
    '-n',
    mesh,
    'events',
    '--field-selector=involvedObject.name=deaf,reason=Unhealthy',
  );
  t.true(items.some(({ message }) => /Readiness probe failed: HTTP probe failed with statuscode: 503/.test(message)));
  await execIn(mesh, 'deaf', ['kill', '-USR2', '1']);
  await becomes('deaf', { ready: true, restarts: 0 });
});

test('probes of a port where nobody listens fail, though the sidecar accepts the connection', async (t) => {
  const served = { args: ['serve', '--http', '8080'] };
  const kinds = { grpc: { port: 9002 }, httpGet: { port: 9002 }, tcpSocket: { port: 9002 } };
  const pods = Object.entries(kinds).map(([kind, how]) => {
    const readinessProbe = { [kind]: how, ...often };
    return pod(mesh, `closed-${kind.toLowerCase()}`, { container: { ...served, readinessProbe } });
  });
  await apply(pods);
  const names = Object.keys(kinds).map((kind) => `closed-${kind.toLowerCase()}`);
  for (const name of names) {
    // There are also those of the sidecar's own startup probe.
    await waitUntil(`an event on ${name}`, 60_000, async () => {
      const events = await eventsOf(mesh, 'Pod', name, ['Unhealthy']);
      return events.some(({ message }) => message.startsWith('Readiness probe failed'));
    });
    t.deepEqual(await stateOf(name), { ready: false, restarts: 0 }, name);
  }
});

test('a failing liveness probe restarts the application, by HTTP and by tcpSocket', async (t) => {
  await deploy([
    pod(mesh, 'ill', {
      container: { ...app, startupProbe, livenessProbe: { httpGet: { path: '/', port: 8080 }, ...often } },
    }),
    pod(mesh, 'mute', { container: { ...app, startupProbe, livenessProbe: { tcpSocket: { port: 9000 }, ...often } } }),
  ]);
  await execIn(mesh, 'ill', ['sh', '-c', 'echo > /tmp/ill']);
  await execIn(mesh, 'mute', ['kill', '-USR2', '1']);
  await Promise.all(
    ['ill', 'mute'].map((name) =>
      waitUntil(`${name} started anew`, 180_000, async () => {
        const { ready, restarts } = await stateOf(name);
        // Once more where the kubelet's second is too short for this machine.
        return ready && restarts >= 1;
      }),
    ),
  );
  t.pass();
});

test('routes of the Service never touch probes', async (t) => {
  const probe = { httpGet: { path: '/ready', port: 8080 }, ...often };
  const container = { args: ['serve', '--http', '8080'], startupProbe, readinessProbe: probe, livenessProbe: probe };
  await deploy([pod(mesh, 'routed', { container }), service(mesh, 'routed', undeclared())]);
  await answers(mesh, 'routed', `http://routed.${mesh}/`);
  // Whatever is asked of the Service is sent away.
  const filter = { type: 'RequestRedirect', requestRedirect: { statusCode: 302, hostname: 'elsewhere.example' } };
  await apply([httpRoute(mesh, 'away', 'routed', [{ filters: [filter] }])]);
  const ask = ['curl', '-s', '-m', '5', '-o', '/dev/null', '-w', '%{http_code}', `http://routed.${mesh}/`];
  await waitUntil('the route', 60_000, async () => (await execIn(mesh, 'routed', ask)) === '302');
  await logAtDebug('routed');
  const before = await probesOf('routed');
  await waitUntil('five more probes', 60_000, async () => (await probesOf('routed')).length >= before.length + 5);
  const probes = await probesOf('routed');
  t.deepEqual([...new Set(probes.map(({ status }) => status))], [200]);
  t.deepEqual([...new Set(probes.map(({ direction, route }) => `${direction} ${route}`))], ['inbound undefined']);
  t.deepEqual(await stateOf('routed'), { ready: true, restarts: 0 });
});

/** There, probes that succeed have lines. */
function logAtDebug(name: string): Promise<string> {
  return execIn(mesh, name, ['curl', '-sf', '-X', 'PUT', 'http://localhost:15000/log-level?level=debug']);
}

async function probesOf(name: string) {
  const lines = await awaitLine(mesh, name, { path: '/ready', status: 200 });
  // The first may have come before the application listened.
  const all = lines.filter(({ path }) => path === '/ready');
  return all.slice(all.findIndex(({ status }) => status === 200));
}

type State = { readonly ready: boolean; readonly restarts: number };

async function stateOf(name: string): Promise<State> {
  const { status } = await readPod(mesh, name);
  const container = status.containerStatuses?.find((one) => one.name === 'app');
  return { ready: container?.ready === true, restarts: container?.restartCount ?? 0 };
}

async function becomes(name: string, wanted: State): Promise<void> {
  await waitUntil(`${name}: ${JSON.stringify(wanted)}`, 90_000, async () => {
    const state = await stateOf(name);
    return state.ready === wanted.ready && state.restarts === wanted.restarts;
  });
}
