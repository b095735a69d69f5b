import { curl, startLoad, talk } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

// What users of other meshes met, here as its next of kin: each has its own case in the folder of what it is about.
const detectMs = 4000;
const late = { HEDDLE_DETECT_TIMEOUT_MS: `${detectMs}` };

labTest('a pod in which nothing listens fails no request and gets hardly any', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, good: {}, dead: { apps: [] } },
    services: [{ name: 'mixed', ip: 1, portName: 'http', pods: ['good', 'dead'] }],
  });
  const stop = await startLoad(mesh.pod('client').pod, 'http://10.96.0.1/', 4);
  const asked = (): number => mesh.pod('good').sidecar.lines.filter((line) => line.includes('"inbound"')).length;
  while (asked() < 400) await new Promise((resolve) => setTimeout(resolve, 50));
  const { requests, failed, byName } = await stop();
  t.is(failed, 0);
  t.is(byName['good'], requests);
  const refused = mesh.pod('dead').sidecar.lines.filter((line) => line.includes('"inbound"')).length;
  t.true(refused < requests / 10, `${refused} of ${requests} went there first`);
});

labTest('a pod that takes uploads and never answers is found out by the clients that gave up', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, good: {}, hung: { apps: [['tcpApp.ts', 'hung', '8080', 'hang']] } },
    services: [{ name: 'mixed', ip: 1, portName: 'http', pods: ['good', 'hung'] }],
  });
  const { pod } = mesh.pod('client');
  let answered = 0;
  for (let turn = 0; turn < 20; turn += 1) {
    const { status } = await curl(pod, '-m', '2', '-d', 'x', 'http://10.96.0.1/');
    answered += Number(status === 200);
  }
  t.true(answered >= 14, `${answered} of 20 were answered`);
});

labTest('an upload in chunks that is refused at its head hears why, through both sidecars', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, upload: { apps: [['rawApp.ts', '8080', 'refuses']] } },
    services: [{ name: 'upload', ip: 1, portName: 'http', pods: ['upload'] }],
  });
  const { pod } = mesh.pod('client');
  for (let turn = 0; turn < 8; turn += 1) {
    const command = ['sh', '-c', 'head -c 8000000 /dev/zero | curl -s -T - -m 60 -w "%{http_code}" http://10.96.0.1/a'];
    t.is((await pod.run({ command })).stdout, 'no\n401');
  }
});

labTest('an empty line that comes late behind a body is no answer to the next request', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, strays: { apps: [['rawApp.ts', '8080', 'strays']] } },
    services: [{ name: 'strays', ip: 1, portName: 'http', pods: ['strays'] }],
  });
  const command = ['curl', '-s', '-m', '60', '-o', '/dev/null', '-w', '%{http_code} ', 'http://10.96.0.1/?[1-30]'];
  t.is((await mesh.pod('client').pod.run({ command })).stdout, '200 '.repeat(30));
});

labTest('a forward proxy with a route of its own gets targets as its clients write them', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, proxy: {}, other: {} },
    services: [
      { name: 'egress', ip: 1, portName: 'http', pods: ['other'] },
      { name: 'proxy', ip: 2, portName: 'http', pods: ['proxy'] },
    ],
    routes: [
      routeObject({
        parent: 'egress',
        rules: [{ matches: [{ path: { value: '/x' } }], backendRefs: [{ name: 'proxy', port: 80 }] }],
      }),
    ],
  });
  const { pod } = mesh.pod('client');
  for (const target of ['http://a.example:8080/x?y=1&z', 'http://a.example/x/%7Eme'])
    t.like(await curl(pod, '-x', 'http://10.96.0.1:80', '-d', 'body', target), { name: 'proxy', url: target });
});

labTest('a first word behind which a client ends is passed on with that end', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: { env: late }, zk: { env: late, apps: [['tcpApp.ts', 'zk', '8080', 'count']] } },
    services: [{ name: 'zk', ip: 1, port: 2181, portName: 'client', pods: ['zk'] }],
  });
  for (const address of ['10.96.0.1', 'fd00:96::1'])
    t.is((await talk(mesh.pod('client').pod, { address, port: 2181 }, 'stat', 'end')).text, 'zk counted 4\n');
});

labTest(
  'what a Service declares of a pod holds for callers outside the mesh, by the address of the pod',
  async (t, lab) => {
    const mesh = await startMesh(lab, {
      pods: { chat: { env: late, apps: [['upgrade.ts', '9100']] } },
      services: [{ name: 'chat', ip: 1, appProtocol: 'tcp', targetPort: 9100, pods: ['chat'] }],
    });
    const ask = 'GET /ws HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    for (const address of mesh.pod('chat').addresses)
      t.regex((await talk(lab.node, { address, port: 9100 }, ask)).text, /^HTTP\/1\.1 101 /);
  },
);

labTest('a mail server is heard beside a consumer route that names no port', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: {
      client: { env: late },
      mail: { namespace: 'post', env: late, apps: [['tcpApp.ts', 'mail', '2525', 'greet']] },
    },
    services: [
      { name: 'mail', namespace: 'post', ip: 1, port: 2526, targetPort: 2525, portName: 'smtp', pods: ['mail'] },
    ],
    routes: [
      routeObject({
        name: 'consumer',
        parent: 'mail',
        parentNamespace: 'post',
        rules: [{ backendRefs: [{ name: 'mail', namespace: 'post', port: 2526 }] }],
      }),
    ],
  });
  const heard = await talk(mesh.pod('client').pod, { address: '10.96.0.1', port: 2526 }, '');
  t.is(heard.text, 'mail greets\n');
  t.true((heard.firstByteMs ?? Infinity) < detectMs, `after ${heard.firstByteMs} ms`);
});

labTest('a Service with both policies keeps a client with one endpoint of its own node', async (t, lab) => {
  const spec = { internalTrafficPolicy: 'Local', sessionAffinity: 'ClientIP' };
  const mesh = await startMesh(lab, {
    pods: { client: { node: 'a' }, one: { node: 'a' }, two: { node: 'b' }, three: { node: 'a' }, four: { node: 'b' } },
    services: [{ name: 'sticky', ip: 1, portName: 'http', pods: ['one', 'two', 'three', 'four'], spec }],
  });
  const names = new Set<string>();
  for (let turn = 0; turn < 20; turn += 1)
    names.add((await curl(mesh.pod('client').pod, 'http://10.96.0.1/')).name ?? '');
  t.is(names.size, 1);
  t.true(names.has('one') || names.has('three'), [...names].join());
});
