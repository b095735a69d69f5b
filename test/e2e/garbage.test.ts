import { randomBytes } from 'node:crypto';
import type { NetworkNamespace } from '../../lab/namespace.ts';
import { nodeAddresses } from '../../lab/node.ts';
import { accessLines, curl, talk } from './clients.ts';
import { labTest } from './labTest.ts';
import { type PodOptions, startMesh } from './mesh.ts';

const garbage: Readonly<Record<string, string>> = {
  zeroes: '\0'.repeat(200),
  random: randomBytes(2000).toString('latin1'),
  'half a TLS hello': '\x16\x03\x01\x02\x00\x01',
  'a broken request line': 'GET  / HTTP/1.1\r\n\r\n',
  'two lengths': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'length and chunks': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'an endless head': `GET / HTTP/1.1\r\nHost: a\r\n${'x-long: '.padEnd(4000, 'y')}\r\n`.repeat(30),
};

const behaviours = ['refuse', 'reset', 'garbage', 'half', 'hang'] as const;

/** A pod whose app behaves badly. */
function bad(behaviour: string): PodOptions {
  return {
    apps: [['tcpApp.ts', behaviour, '8080', behaviour]],
    env: behaviour === 'hang' ? { HEDDLE_PROGRESS_TIMEOUT_MS: '1000' } : {},
  };
}

labTest('garbage on every port ends nothing', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, web: {} },
    services: [{ name: 'web', ip: 1, portName: 'http', pods: ['web'] }],
  });
  const [client, web] = [mesh.pod('client'), mesh.pod('web')];
  const [, webIpv6] = web.addresses;
  const ports: readonly { readonly from: NetworkNamespace; readonly address: string; readonly port: number }[] = [
    { from: client.pod, address: '10.96.0.1', port: 80 },
    { from: client.pod, address: 'fd00:96::1', port: 80 },
    { from: lab.node, address: webIpv6, port: 8080 },
    { from: client.pod, address: '127.0.0.1', port: 15_000 },
    { from: client.pod, address: '127.0.0.1', port: 15_001 },
    { from: client.pod, address: '::1', port: 15_006 },
    { from: lab.node, address: webIpv6, port: 15_020 },
    { from: lab.node, address: webIpv6, port: 15_021 },
    { from: client.pod, address: nodeAddresses[4], port: 15_010 },
  ];
  await Promise.all(
    ports.map(async ({ from, address, port }) => {
      for (const bytes of Object.values(garbage)) await talk(from, { address, port }, bytes, 'end');
    }),
  );
  const after = await curl(client.pod, 'http://10.96.0.1/after');
  t.like(after, { status: 200, name: 'web' });
  for (const program of [client.sidecar, web.sidecar, mesh.agent]) {
    const ended = await Promise.race([program.exited, Promise.resolve('runs')]);
    t.is(ended, 'runs');
    t.false(
      program.lines.some((line) => line.includes('nothing caught')),
      'no error went uncaught',
    );
  }
  t.is((await curl(client.pod, 'http://127.0.0.1:15021/ready')).status, 200);
});

labTest('malformed requests are refused and do not reach the app', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, web: {} },
    services: [{ name: 'web', ip: 1, portName: 'http', pods: ['web'] }],
  });
  const { pod } = mesh.pod('client');
  for (const name of ['two lengths', 'length and chunks', 'an endless head']) {
    const heard = await talk(pod, { address: '10.96.0.1', port: 80 }, garbage[name] ?? '');
    t.regex(heard.text, /^HTTP\/1\.1 4\d\d /, name);
    t.notRegex(heard.text, /"name"/, name);
  }
  t.deepEqual(await accessLines(mesh.pod('web').sidecar, '/', 0), []);
});

labTest(
  'endpoints that refuse, reset, hang up half way or answer garbage: a clear status and flag each',
  async (t, lab) => {
    const mesh = await startMesh(lab, {
      pods: {
        client: {},
        refuse: { apps: [] },
        reset: bad('reset'),
        garbage: bad('garbage'),
        half: bad('half'),
        hang: bad('hang'),
      },
      services: behaviours.map((name, index) => ({
        name,
        ip: index + 1,
        portName: 'http',
        pods: [name],
      })),
    });
    const { pod, sidecar } = mesh.pod('client');
    const seen: Record<string, unknown> = {};
    for (const [index, name] of behaviours.entries()) {
      const { status } = await curl(pod, `http://10.96.0.${index + 1}/${name}`);
      const [outbound] = await accessLines(sidecar, `/${name}`);
      const [inbound] = await accessLines(mesh.pod(name).sidecar, `/${name}`);
      seen[name] = [status, outbound?.['status'], outbound?.['flags'], inbound?.['flags']];
    }
    // What the client got, then what its sidecar and that of the endpoint, which met the app itself, say of it.
    t.deepEqual(seen, {
      refuse: [503, 503, 'UF', 'UF'],
      reset: [503, 503, 'UC', 'UC'],
      garbage: [502, 502, 'UPE', 'UPE'],
      half: [200, 200, 'UC', 'UC'],
      hang: [504, 504, 'UT', 'UT'],
    });
    t.like(await curl(pod, 'http://127.0.0.1:15021/ready'), { status: 200 });
  },
);
