import { accessLines, curl, talk } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

const families = ['10.96.0.1', 'fd00:96::1'] as const;
// So long that a server which is heard sooner was not heard for want of anything else.
const detectMs = 4000;
const late = { HEDDLE_DETECT_TIMEOUT_MS: `${detectMs}` };

labTest('a server that speaks first is heard, at once on an opaque port', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: {
      client: { env: late },
      db: {
        env: late,
        apps: [
          ['tcpApp.ts', 'db', '8080', 'greet'],
          ['tcpApp.ts', 'db', '3306', 'greet'],
        ],
      },
    },
    services: [
      { name: 'db', ip: 1, port: 3306, targetPort: 3306, portName: 'mysql', pods: ['db'] },
      { name: 'detected', ip: 2, port: 80, pods: ['db'] },
      { name: 'declared', ip: 3, port: 81, appProtocol: 'tcp', targetPort: 3306, pods: ['db'] },
    ],
  });
  const { pod } = mesh.pod('client');
  for (const address of families) {
    const heard = await talk(pod, { address, port: 3306 }, '');
    t.is(heard.text, 'db greets\n');
    t.true((heard.firstByteMs ?? Infinity) < detectMs, `after ${heard.firstByteMs} ms`);
  }
  t.is((await talk(pod, { address: '10.96.0.2', port: 80 }, '')).text, 'db greets\n', 'after the time for detection');
  t.is((await talk(pod, { address: '10.96.0.3', port: 81 }, 'hello\n', 'end')).text, 'db greets\nhello\n');
});

labTest('the end of one direction is passed on while the other goes on', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, web: { apps: [['tcpApp.ts', 'web', '8080', 'count']] } },
    services: [{ name: 'web', ip: 1, appProtocol: 'tcp', pods: ['web'] }],
  });
  const { pod } = mesh.pod('client');
  for (const address of families) {
    const heard = await talk(pod, { address, port: 80 }, 'x'.repeat(50_000), 'end');
    t.like(heard, { text: 'web counted 50000\n', how: 'ended' });
  }
});

labTest('HTTP/2 reaches the application as HTTP/2, each request with a line', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: {
      client: {},
      one: { apps: [['tcpApp.ts', 'one', '8080', 'http2']] },
      two: { apps: [['tcpApp.ts', 'two', '8080', 'http2']] },
    },
    services: [
      { name: 'detected', ip: 1, pods: ['one', 'two'] },
      { name: 'declared', ip: 2, appProtocol: 'kubernetes.io/h2c', pods: ['one', 'two'] },
    ],
  });
  const { pod } = mesh.pod('client');
  let asked = 0;
  for (const address of ['10.96.0.1', '[fd00:96::1]', '10.96.0.2', '[fd00:96::2]']) {
    const names = new Set<string | undefined>();
    // The slower one gets less until that is forgotten.
    for (let round = 0; round < 30 && names.size < 2; round++) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => curl(pod, '--http2-prior-knowledge', `http://${address}/`)),
      );
      asked += answers.length;
      t.true(
        answers.every(({ status, text }) => status === 200 && text.includes('by HTTP/2.0')),
        address,
      );
      for (const { text } of answers) names.add(text.split(' ')[0]);
    }
    t.is(names.size, 2, `${address}: both endpoints answered`);
  }
  const lines = await accessLines(mesh.pod('client').sidecar, '/', asked);
  t.is(lines.length, asked);
  t.true(lines.every(({ message, status }) => message === 'request' && status === 200));
  const inbound = [
    ...(await accessLines(mesh.pod('one').sidecar, '/')),
    ...(await accessLines(mesh.pod('two').sidecar, '/')),
  ];
  t.true(inbound.every(({ direction, status }) => direction === 'inbound' && status === 200));
});

labTest('a connection is logged as one, with service, endpoint and bytes', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, db: { apps: [['tcpApp.ts', 'db', '3306', 'greet']] } },
    services: [{ name: 'db', ip: 1, port: 3306, targetPort: 3306, pods: ['db'] }],
  });
  const { pod, sidecar } = mesh.pod('client');
  await talk(pod, { address: families[0], port: 3306 }, 'hello', 'end');
  const line = await sidecar.waitForLine((text) => text.includes('"message":"connection"'), 60_000);
  t.like(JSON.parse(line), {
    direction: 'outbound',
    service: 'shop/db:3306',
    backend: 'shop/db:3306',
    bytesIn: 5,
    bytesOut: 15,
  });
});

labTest('a route without port leaves ports of servers that speak first as they are', async (t, lab) => {
  const app = ['tcpApp.ts', 'db', '3306', 'greet'];
  const services = [
    { name: 'named', ip: 1, port: 3307, targetPort: 3306, portName: 'mysql', pods: ['db'] },
    { name: 'numbered', ip: 2, port: 3306, targetPort: 3306, pods: ['db'] },
    { name: 'declared', ip: 3, port: 81, targetPort: 3306, appProtocol: 'postgresql', pods: ['db'] },
  ];
  const mesh = await startMesh(lab, {
    pods: { client: { env: late }, db: { apps: [app] } },
    services,
    routes: services.map(({ name }) => routeObject({ parent: name, rules: [{ backendRefs: [{ name, port: 80 }] }] })),
  });
  const { pod } = mesh.pod('client');
  for (const { ip, port, name } of services) {
    const heard = await talk(pod, { address: `10.96.0.${ip}`, port }, '');
    t.is(heard.text, 'db greets\n', name);
    t.true((heard.firstByteMs ?? Infinity) < detectMs, `${name} after ${heard.firstByteMs} ms`);
  }
});

labTest('what a Service declares is known at both ends of the path', async (t, lab) => {
  const greeter = ['tcpApp.ts', 'db', '9101', 'greet'];
  const upgrading = ['upgrade.ts', '9100'];
  const mesh = await startMesh(lab, {
    pods: { client: { env: late }, db: { env: late, apps: [greeter, upgrading] } },
    services: [
      { name: 'greeter', ip: 1, appProtocol: 'tcp', targetPort: 9101, pods: ['db'] },
      { name: 'chat', ip: 2, portName: 'tcp-chat', targetPort: 9100, pods: ['db'] },
    ],
  });
  const { pod } = mesh.pod('client');
  for (const address of families) {
    const heard = await talk(pod, { address, port: 80 }, '');
    t.is(heard.text, 'db greets\n');
    t.true((heard.firstByteMs ?? Infinity) < detectMs, `after ${heard.firstByteMs} ms`);
  }
  const ask = 'GET /ws HTTP/1.1\r\nHost: chat\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  t.regex((await talk(pod, { address: '10.96.0.2', port: 80 }, ask)).text, /^HTTP\/1\.1 101 /);
  t.regex(
    (await talk(pod, { address: '10.96.0.2', port: 80 }, 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n')).text,
    /^HTTP\/1\.1 200 /,
  );
  const line = await mesh.pod('db').sidecar.waitForLine((text) => text.includes('"declared"'), 60_000);
  t.like(JSON.parse(line), { direction: 'inbound', declared: 'opaque by Service shop/greeter:80' });
});
