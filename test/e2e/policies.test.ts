import { accessLines, curl, talk } from './clients.ts';
import { labTest } from './labTest.ts';
import { type MeshPod, startMesh } from './mesh.ts';

const asked = 20;

const greeting = (name: string) => ({
  apps: [
    ['app.ts', name, '8080'],
    ['tcpApp.ts', name, '9000', 'greet'],
  ],
});

/**
 * Which pods answer, over both address families: asked 20 times each, and on until `count` have answered, since one whose
 * first answer was slow is not asked again for some seconds.
 */
async function answeredBy({ pod }: MeshPod, ip: number, count: number): Promise<string> {
  const names = new Set<string>();
  const deadline = Date.now() + 60_000;
  for (const host of [`10.96.0.${ip}`, `[fd00:96::${ip}]`])
    for (let turn = 0; turn < asked || (names.size < count && Date.now() < deadline); turn += 1) {
      const { name, text } = await curl(pod, `http://${host}/`);
      names.add(name ?? text);
    }
  return [...names].toSorted().join();
}

labTest('a client gets of the traffic policies of a Service what kube-proxy would give it', async (t, lab) => {
  const pods = ['one', 'two', 'three'];
  const services = [
    { name: 'local', ip: 1, pods, spec: { internalTrafficPolicy: 'Local' } },
    { name: 'elsewhere', ip: 2, pods: ['two', 'three'], spec: { internalTrafficPolicy: 'Local' } },
    { name: 'close', ip: 3, pods, spec: { trafficDistribution: 'PreferClose' } },
    { name: 'far', ip: 4, pods: ['two', 'three'], spec: { trafficDistribution: 'PreferSameNode' } },
    { name: 'any', ip: 5, pods },
  ];
  const mesh = await startMesh(lab, {
    pods: {
      client: { node: 'a' },
      one: { node: 'a' },
      two: { node: 'b' },
      three: { node: 'c' },
    },
    services,
  });
  const client = mesh.pod('client');
  t.is((await curl(client.pod, 'http://10.96.0.2/none')).status, 503);
  const [line] = await accessLines(client.sidecar, '/none', 1);
  t.like(line, { flags: 'UH' });
  t.regex(
    String(line?.['reason']),
    /internalTrafficPolicy is Local, and none of the endpoints of shop\/elsewhere:80 is on this pod's node/,
  );
  t.is(await answeredBy(client, 1, 1), 'one');
  t.is(await answeredBy(client, 3, 1), 'one');
  t.is(await answeredBy(client, 4, 2), 'three,two');
  t.is(await answeredBy(client, 5, 3), 'one,three,two');
});

labTest('a client stays with one endpoint of a Service with session affinity, also for tunnels', async (t, lab) => {
  const spec = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 3600 } } };
  const pods = ['one', 'two', 'three'];
  const mesh = await startMesh(lab, {
    pods: { client: {}, one: greeting('one'), two: greeting('two'), three: greeting('three') },
    services: [
      { name: 'web', ip: 1, pods, spec },
      { name: 'tcp', ip: 2, pods, spec, appProtocol: 'tcp', targetPort: 9000 },
    ],
  });
  const { pod } = mesh.pod('client');
  for (const [ip, ask] of [
    [1, async (address: string) => (await curl(pod, `http://${address}/`)).name],
    [2, async (address: string) => (await talk(pod, { address, port: 80 }, '', 'end')).text],
  ] as const) {
    const texts: (string | undefined)[] = [];
    for (let count = 0; count < asked; count += 1) texts.push(await ask(`10.96.0.${ip}`));
    t.is(new Set(texts).size, 1, texts.join());
  }
});
