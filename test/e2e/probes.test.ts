import { accessLines, curl, urlOf } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';

const token = '0123456789abcdef0123456789abcdef';

labTest("HTTP probes of the node with the pod's secret are lines at debug only", async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { web: { env: { HEDDLE_PROBE_TOKEN: token } } },
    services: [{ name: 'web', ip: 1, pods: ['web'] }],
  });
  const { pod, addresses, sidecar } = mesh.pod('web');
  const probe = (address: string, path: string, secret: string) =>
    curl(lab.node, '-A', 'kube-probe/1.36', '-H', `Heddle-Probe: ${secret}`, urlOf(address, 8080, path));

  for (const [index, address] of addresses.entries()) {
    const { status, headers } = await probe(address, `/quiet-${index}`, token);
    t.is(status, 200);
    t.is(headers?.['user-agent'], 'kube-probe/1.36');
    t.is(headers?.['heddle-probe'], undefined);
    t.is((await probe(address, `/other-${index}`, 'guessed')).status, 200);
    t.like((await accessLines(sidecar, `/other-${index}`))[0], { level: 'info', direction: 'inbound', status: 200 });
    t.false(sidecar.lines.some((line) => line.includes('/quiet-')));
  }

  await curl(pod, '-X', 'PUT', 'http://127.0.0.1:15000/log-level?level=debug');
  await probe(addresses[0], '/told', token);
  t.like((await accessLines(sidecar, '/told'))[0], { level: 'debug', direction: 'inbound', status: 200 });
});
