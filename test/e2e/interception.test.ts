import type { ExecutionContext } from 'ava';
import { nodeAddresses } from '../../lab/node.ts';
import { accessLines, curl, talk, until, urlOf } from './clients.ts';
import { type Lab, labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';

/** The matrix of interception, with the real sidecar, agent and routes. */
for (const [index, family] of [4, 6].entries()) {
  labTest(`IPv${family}: every way into and out of a pod`, (t, lab) => runMatrix(t, lab, index === 0 ? 0 : 1));
  labTest(`IPv${family}: the same where sidecars are known by a mark`, (t, { node, ground }) =>
    runMatrix(t, { node, ground: { ...ground, sidecar: { type: 'mark', mark: 7 } } }, index === 0 ? 0 : 1),
  );
}

async function runMatrix(t: ExecutionContext, lab: Lab, family: 0 | 1): Promise<void> {
  const loopback = family === 0 ? '127.0.0.1' : '::1';
  const asOwnApp = family === 0 ? '127.0.0.6' : '::6';
  const mesh = await startMesh(lab, {
    pods: {
      client: { apps: [['app.ts', 'client', '8080']], env: { HEDDLE_SKIP_OUTBOUND_PORTS: '7777' } },
      web: {
        apps: [['app.ts', 'web', '8080', '7777', '9999', `9090@${loopback}`]],
        env: { HEDDLE_SKIP_INBOUND_PORTS: '9999' },
      },
    },
    services: [
      { name: 'web', ip: 1, pods: ['web'] },
      { name: 'own', ip: 2, pods: ['client'] },
    ],
  });
  const [client, web] = [mesh.pod('client'), mesh.pod('web')];
  const [clientIp, webIp] = [client.addresses[family], web.addresses[family]];
  const service = family === 0 ? '10.96.0.1' : 'fd00:96::1';
  const own = family === 0 ? '10.96.0.2' : 'fd00:96::2';

  const byService = await curl(client.pod, urlOf(service, 80, '/service'));
  t.like(byService, { status: 200, name: 'web', peer: asOwnApp }, 'a ClusterIP');
  const [line] = await accessLines(client.sidecar, '/service');
  t.like(line, { direction: 'outbound', service: 'shop/web:80', backend: 'shop/web:80', status: 200 });
  t.regex(String(line?.['endpoint']), /:8080$/);
  t.like((await accessLines(web.sidecar, '/service'))[0], { direction: 'inbound', status: 200 });

  // The first lines may come before the agent has said whose the address is.
  await until(async () => {
    await curl(client.pod, urlOf(service, 80, '/who'));
    const { peer, peerPod, peerNamespace } = (await accessLines(web.sidecar, '/who')).at(-1) ?? {};
    return peer === clientIp && peerPod === 'client' && peerNamespace === 'shop';
  });

  const byPod = await curl(client.pod, urlOf(webIp, 8080, '/pod'));
  t.like(byPod, { status: 200, name: 'web', peer: asOwnApp }, 'a pod IP passes through');
  t.like((await accessLines(client.sidecar, '/pod'))[0], { endpoint: new URL(urlOf(webIp, 8080)).host, status: 200 });

  t.like(await curl(client.pod, urlOf(own, 80, '/own')), { name: 'client', peer: asOwnApp }, "the pod's own ClusterIP");
  const ownLines = await accessLines(client.sidecar, '/own', 2);
  t.deepEqual(
    ownLines.map(({ direction }) => String(direction)).toSorted((a, b) => a.localeCompare(b)),
    ['inbound', 'outbound'],
  );

  t.like(
    await curl(client.pod, urlOf(clientIp, 8080, '/self')),
    { name: 'client', peer: clientIp },
    'own pod IP: direct',
  );
  t.like(
    await curl(client.pod, urlOf(loopback, 8080, '/loop')),
    { name: 'client', peer: loopback },
    'loopback: direct',
  );
  t.like(await curl(lab.node, urlOf(webIp, 8080, '/probe')), { name: 'web', peer: asOwnApp }, 'a probe from the node');
  t.like(await curl(lab.node, urlOf(webIp, 9999, '/skipped')), {
    name: 'web',
    peer: nodeAddresses[family === 0 ? 4 : 6],
  });
  t.like(await curl(client.pod, urlOf(webIp, 7777, '/out')), { name: 'web', peer: asOwnApp }, 'skipped outbound port');
  t.deepEqual(await accessLines(client.sidecar, '/self', 0), [], 'direct connections are not seen');
  t.deepEqual(await accessLines(client.sidecar, '/out', 0), [], 'nor are skipped ones');

  const hidden = await curl(client.pod, urlOf(webIp, 9090, '/hidden'));
  t.true(hidden.status === 0 || hidden.status === 503, `a loopback port of the app stays hidden: ${hidden.status}`);
  t.is((await curl(client.pod, urlOf(webIp, 15_021, '/ready'))).status, 200, 'readiness can be asked from outside');
  t.is((await curl(client.pod, urlOf(webIp, 15_020, '/metrics'))).status, 200, 'so can metrics');
  t.not((await curl(client.pod, urlOf(webIp, 15_000, '/config'))).status, 200, 'the admin port cannot');

  for (const port of [15_001, 15_006]) {
    const heard = await talk(client.pod, { address: loopback, port }, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    t.is(heard.text, '', `no loop through port ${port}`);
    t.not(heard.how, 'silent');
  }
  const loop = await curl(lab.node, urlOf(webIp, 15_006, '/loop'));
  t.not(loop.status, 200, 'nor through the inbound port from outside');

  await Promise.all([client.sidecar.stop('SIGKILL'), web.sidecar.stop('SIGKILL')]);
  t.is((await curl(client.pod, urlOf(service, 80))).status, 0, 'outbound fails closed without the sidecar');
  t.is((await curl(lab.node, urlOf(webIp, 8080))).status, 0, 'so does inbound');
  t.like(await curl(lab.node, urlOf(webIp, 9999)), { status: 200 }, 'a skipped port still works');
  await t.notThrowsAsync(until(async () => (await curl(client.pod, urlOf(loopback, 8080))).status === 200));
}
