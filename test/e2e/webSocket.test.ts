import { heddleCommand } from '../../lab/programs.ts';
import { accessLines, curl } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

labTest('a WebSocket goes through both sidecars, by the rule that matches its upgrade', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: {
      client: {},
      web: {},
      chat: { apps: [['webSocketServer.ts', 'chat', '8080']] },
    },
    services: [
      { name: 'web', ip: 1, pods: ['web'] },
      { name: 'chat', ip: 2, pods: ['chat'] },
    ],
    routes: [
      routeObject({
        parent: 'web',
        rules: [
          {
            matches: [{ headers: [{ name: 'Upgrade', value: 'websocket' }] }],
            backendRefs: [{ name: 'chat', port: 80 }],
          },
          { backendRefs: [{ name: 'web', port: 80 }] },
        ],
      }),
    ],
  });
  const { pod, sidecar } = mesh.pod('client');
  const sizes = [0, 1, 125, 126, 65_535, 65_536, 3_000_000];
  for (const address of ['10.96.0.1', '[fd00:96::1]']) {
    const url = `ws://${address}/room?a=b`;
    const command = heddleCommand('test/e2e/programs/webSocketClient.ts', url, ...sizes.map(String));
    const { stdout, stderr } = await pod.run({ command });
    t.deepEqual(
      JSON.parse(stdout || stderr),
      { heard: ['chat greets /room?a=b', ...sizes], code: 1000, wasClean: true },
      address,
    );
  }
  const lines = await accessLines(sidecar, '/room', 2);
  t.is(lines.length, 2);
  for (const line of lines) t.like(line, { status: 101, backend: 'shop/chat:80', rule: 0, flags: undefined });
  const inbound = await accessLines(mesh.pod('chat').sidecar, '/room', 2);
  t.is(inbound.length, 2);
  for (const line of inbound) t.like(line, { status: 101, flags: undefined });
  t.like(await curl(pod, 'http://10.96.0.1/room'), { status: 200, name: 'web' });
});

labTest('a WebSocket goes over HTTP/2 wherever client or server speaks that', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: {
      client: {},
      web: {},
      old: { apps: [['webSocketServer.ts', 'old', '8080']] },
      new: { apps: [['webSocketServer.ts', 'new', '8080', 'http2']] },
    },
    services: [
      { name: 'web', ip: 1, pods: ['web'] },
      { name: 'old', ip: 2, pods: ['old'], appProtocol: 'http' },
      { name: 'new', ip: 3, pods: ['new'], appProtocol: 'kubernetes.io/h2c' },
    ],
    routes: [
      routeObject({
        parent: 'web',
        rules: ['old', 'new'].map((name) => ({
          matches: [
            { path: { type: 'PathPrefix', value: `/${name}` }, headers: [{ name: 'Upgrade', value: 'websocket' }] },
          ],
          backendRefs: [{ name, port: 80 }],
        })),
      }),
    ],
  });
  const { pod, sidecar } = mesh.pod('client');
  const sizes = [0, 1, 125, 126, 65_535, 65_536, 3_000_000];
  for (const [program, name] of [
    ['webSocketClientHttp2.ts', 'old'],
    ['webSocketClientHttp2.ts', 'new'],
    ['webSocketClient.ts', 'new'],
  ] as const) {
    const url = `ws://10.96.0.1/${name}?a=b`;
    const command = heddleCommand(`test/e2e/programs/${program}`, url, ...sizes.map(String));
    const { stdout, stderr } = await pod.run({ command });
    t.deepEqual(
      JSON.parse(stdout || stderr),
      { heard: [`${name} greets /${name}?a=b`, ...sizes], code: 1000, wasClean: true },
      `${program} ${name}`,
    );
  }
  for (const [name, count] of [
    ['old', 1],
    ['new', 2],
  ] as const) {
    for (const one of [sidecar, mesh.pod(name).sidecar]) {
      const lines = await accessLines(one, `/${name}`, count);
      t.is(lines.length, count);
      for (const line of lines) t.like(line, { method: 'GET', status: 101, flags: undefined });
    }
  }
});
