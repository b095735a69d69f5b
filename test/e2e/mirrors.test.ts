import { accessLines, curl, until } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

const mirror = (name: string, more: object = {}): unknown => ({
  type: 'RequestMirror',
  requestMirror: { backendRef: { name, port: 80 }, ...more },
});

labTest('mirrors: copies go where the route says, whatever becomes of them there', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, web: {}, copy: {}, gone: { apps: [] } },
    services: [
      { name: 'web', ip: 1, pods: ['web'] },
      { name: 'copy', ip: 2, pods: ['copy'] },
      { name: 'gone', ip: 3, pods: ['gone'] },
    ],
    routes: [
      routeObject({
        parent: 'web',
        rules: [
          {
            filters: [mirror('copy'), mirror('gone'), mirror('copy', { percent: 0 })],
            backendRefs: [{ name: 'web', port: 80 }],
          },
        ],
      }),
    ],
  });
  const { pod, sidecar } = mesh.pod('client');
  const answer = await curl(pod, '-d', 'twelve bytes', 'http://10.96.0.1/order?n=7');
  t.like(answer, { status: 200, name: 'web', url: '/order?n=7' });
  const [line] = await accessLines(sidecar, '/order');
  t.like(line, { status: 200, backend: 'shop/web:80', flags: undefined });
  t.regex(String(line?.['mirrors']), /^shop\/copy:80, shop\/gone:80/);
  const [copied] = await accessLines(mesh.pod('copy').sidecar, '/order');
  t.like(copied, { direction: 'inbound', method: 'POST', status: 200, bytesIn: 12 });
  let metrics = '';
  await until(async () => {
    metrics = (await curl(pod, 'http://127.0.0.1:15020/metrics')).text;
    const counts = metrics.match(/mirrored_requests_total\{.*$/gm)?.join('\n') ?? '';
    return /"copy".*outcome="answered"\} 1$/m.test(counts) && /"gone".*outcome="failed"\} 1$/m.test(counts);
  });
  t.is((await accessLines(mesh.pod('copy').sidecar, '/order')).length, 1, 'percent: 0 mirrors nothing');
});
