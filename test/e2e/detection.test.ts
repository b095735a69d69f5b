import type { NetworkNamespace } from '../../lab/namespace.ts';
import { nodeAddresses } from '../../lab/node.ts';
import { heddleCommand } from '../../lab/programs.ts';
import { accessLines, talk } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

const late = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n`;

/** What a client gets that is silent for a while after it has connected. */
async function ask(from: NetworkNamespace, place: readonly string[], path: string): Promise<string> {
  const command = heddleCommand('test/e2e/programs/late.ts', ...place, '700');
  return (await from.run({ command, input: late(path) })).stdout;
}

labTest('a client whose first word is short is passed through after the time for detection', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, zk: { apps: [['tcpApp.ts', 'zk', '8080', 'greet']] } },
    services: [
      { name: 'zk', ip: 1, port: 2181, portName: 'client', pods: ['zk'] },
      { name: 'zk-tcp', ip: 2, port: 2181, portName: 'tcp-client', pods: ['zk'] },
    ],
  });
  const { pod } = mesh.pod('client');
  for (const address of ['10.96.0.1', '10.96.0.2']) {
    for (const word of ['ruok', 'JDWP-Handshake']) {
      const heard = await talk(pod, { address, port: 2181 }, word);
      t.is(heard.text, `zk greets\n${word}`);
      // It was ten seconds at each sidecar.
      t.true((heard.firstByteMs ?? Infinity) < 5000, `after ${heard.firstByteMs} ms`);
    }
  }
});

labTest('a client that is silent at first has its requests logged, by a sidecar or without one', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, web: {} },
    services: [{ name: 'web', ip: 1, pods: ['web'] }],
    routes: [routeObject({ parent: 'web', rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] })],
  });
  const [client, web] = [mesh.pod('client'), mesh.pod('web')];
  t.regex(await ask(client.pod, ['10.96.0.1', '80'], '/meshed'), /^HTTP\/1\.1 200 /);
  t.like((await accessLines(client.sidecar, '/meshed'))[0], { route: 'HTTPRoute shop/web', status: 200 });
  t.like((await accessLines(web.sidecar, '/meshed'))[0], { peer: client.addresses[0], status: 200 });
  t.regex(await ask(lab.node, [web.addresses[0] ?? '', '8080'], '/outside'), /^HTTP\/1\.1 200 /);
  t.like((await accessLines(web.sidecar, '/outside'))[0], { message: 'request', peer: nodeAddresses[4], status: 200 });
});
