import test from 'ava';
import { connectApi } from '../../kubernetes/connect.ts';
import { watchResource } from '../../kubernetes/watch.ts';
import { makeNamespace } from '../bench/clusterObjects.ts';
import { startControlPlane } from './startControlPlane.ts';

const objects = 5000;

for (const [title, flags] of [
  ['in one stream', []],
  ['page by page where the server has no WatchList', ['--feature-gates=WatchList=false']],
] as const) {
  test.serial(`${objects} objects are listed ${title}, each once, and then followed`, async (t) => {
    const plane = await startControlPlane({ flags });
    const api = await connectApi({ kubeconfig: plane.kubeconfig });
    const controller = new AbortController();
    t.teardown(async () => {
      controller.abort();
      await api.close();
      await plane.close();
    });
    await api.request(makeNamespace('many'));
    const path = '/api/v1/namespaces/many/configmaps';
    const make = (name: string) =>
      api.request({
        method: 'POST',
        path,
        body: { metadata: { name }, data: { text: 'x'.repeat(1000) } },
        timeoutMs: 60_000,
      });
    let next = 0;
    const work = async (): Promise<void> => {
      for (let index = next++; index < objects; index = next++) await make(`many-${index}`);
    };
    await Promise.all(Array.from({ length: 12 }, work));

    const names: string[] = [];
    const startedAt = performance.now();
    for await (const event of watchResource(api, { paths: [path], signal: controller.signal })) {
      if (event.type === 'failed') t.fail(String(event.error));
      if (event.type === 'applied') names.push(event.object.metadata.name);
      if (event.type === 'listed') {
        t.log(`${event.objects} objects in ${Math.round(performance.now() - startedAt)} ms`);
        t.is(event.objects, objects);
        await make('later');
      }
      if (names.at(-1) === 'later') break;
    }
    t.is(names.length, objects + 1);
    t.is(new Set(names).size, objects + 1);
  });
}
