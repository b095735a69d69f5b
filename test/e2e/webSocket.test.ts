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
