import type { LabProcess } from '../../lab/process.ts';
import { accessLines, curl, endpointsKnown, startLoad, until } from './clients.ts';
import { labTest } from './labTest.ts';
import { type Mesh, type PodOptions, startMesh } from './mesh.ts';
import type { Service } from './objects.ts';

// What annotations of a Service say is written into a file, translated by an agent and told to sidecars, which do it.

const app = (name: string): PodOptions => ({ apps: [['app.ts', name, '8080', '8081']] });

type Told = Readonly<Record<string, unknown>> & { readonly message: string };

/** The lines of a sidecar that say this, from one on. */
function told(sidecar: LabProcess, message: string, from = 0): Told[] {
  const lines = sidecar.lines.slice(from).filter((line) => line.includes(`"message":"${message}"`));
  return lines.map((line) => JSON.parse(line) as Told);
}

function web(annotations: Service['annotations']): Service {
  return {
    name: 'web',
    ip: 1,
    portName: 'http',
    pods: ['one', 'two'],
    ...(annotations && { annotations }),
  };
}

labTest(
  'outlier-failures and outlier-ejection: never, then after two failures for an hour, then never again',
  async (t, lab) => {
    const mesh = await startMesh(lab, {
      pods: { client: {}, one: app('one'), two: app('two') },
      services: [web({ 'heddle.dev/outlier-failures': '0' })],
    });
    const { pod, sidecar } = mesh.pod('client');
    const failed = (): number => sidecar.lines.filter((line) => line.includes('"status":503')).length;
    const [address] = mesh.pod('one').addresses;

    // One of them fails each request; by default it would be left out after five.
    const stop = await startLoad(pod, 'http://10.96.0.1/busy/one', 16);
    await until(async () => failed() >= 20);
    t.deepEqual(told(sidecar, 'Endpoint left out'), []);

    await mesh.writeService(web({ 'heddle.dev/outlier-failures': '2', 'heddle.dev/outlier-ejection': '1h' }));
    await until(async () => told(sidecar, 'Endpoint left out').length > 0);
    const [out] = told(sidecar, 'Endpoint left out');
    t.like(out, { service: 'shop/web:80', endpoint: `${address}:8080`, pod: 'one' });
    t.true(Number(out?.['failures']) >= 2);
    // An hour, a fifth more or less, so that many clients do not come back together.
    t.true(Math.abs(Number(out?.['forMs']) - 3_600_000) <= 720_000, String(out?.['forMs']));
    await until(async () => {
      const before = failed();
      const served = sidecar.lines.length + 100;
      await until(async () => sidecar.lines.length > served);
      return failed() === before;
    });
    t.regex((await curl(pod, 'http://127.0.0.1:15000/config')).text, new RegExp(`"leftOut": \\[\\s*"${address}:8080"`));

    await mesh.writeService(web({ 'heddle.dev/outlier-failures': '0' }));
    await until(async () => told(sidecar, 'Endpoint used again').length > 0);
    const before = failed();
    await until(async () => failed() >= before + 20);
    await stop();
    t.is(told(sidecar, 'Endpoint left out').length, 1);
  },
);

function slow(annotation: string, pods: readonly string[]): Service {
  const isSlow = annotation === '1h';
  return {
    name: isSlow ? 'slow' : 'even',
    ip: isSlow ? 1 : 2,
    // An endpoint has the stricter wish of all its Services, so each has endpoints of its own.
    targetPort: isSlow ? 8080 : 8081,
    portName: 'http',
    annotations: { 'heddle.dev/slow-start': annotation },
    pods,
  };
}

labTest('slow-start: a new endpoint gets a tenth of its share at first, or all of it', async (t, lab) => {
  const mesh = await startMesh(lab, {
    pods: { client: {}, one: app('one'), two: app('two') },
    services: [slow('1h', ['one']), slow('0s', ['one'])],
  });
  const shareOfNew = async (annotation: string): Promise<number> => {
    const { name, ip } = slow(annotation, []);
    const { pod, sidecar } = mesh.pod('client');
    const url = `http://10.96.0.${ip}/`;
    t.is((await curl(pod, url)).name, 'one');
    await mesh.writeService(slow(annotation, ['one', 'two']));
    await endpointsKnown(
      pod,
      name,
      ['one', 'two'].flatMap((own) => mesh.pod(own).addresses),
    );
    const from = sidecar.lines.length;
    const stop = await startLoad(pod, url, 16);
    await until(async () => sidecar.lines.length > from + 1000);
    const { requests, byName } = await stop();
    return (byName['two'] ?? 0) / requests;
  };
  const [slowly, evenly] = [await shareOfNew('1h'), await shareOfNew('0s')];
  t.log(`${(slowly * 100).toFixed(0)} % in slow start, ${(evenly * 100).toFixed(0)} % without`);
  t.true(slowly > 0 && slowly < 0.15, String(slowly));
  t.true(evenly > 1.5 * slowly, String(evenly));
});

labTest('max-connections and max-waiting-requests: one is served, one waits, one is refused', async (t, lab) => {
  const limits = { 'heddle.dev/max-connections': '1', 'heddle.dev/max-waiting-requests': '1' };
  const narrow: Service = { name: 'narrow', ip: 1, portName: 'http', pods: ['one'] };
  const mesh = await startMesh(lab, {
    pods: { client: {}, one: app('one') },
    services: [{ ...narrow, annotations: limits }],
  });
  const { pod, sidecar } = mesh.pod('client');
  const first = pod.start({ command: ['curl', '-s', 'http://10.96.0.1/slow/60000'] });
  await mesh.pod('one').apps[0]?.waitForLine((line) => line === 'slow', 60_000);
  const others = [1, 2].map(() => curl(pod, 'http://10.96.0.1/other'));
  t.like(await Promise.race(others), {
    status: 503,
    text: 'heddle: 503 the endpoint has too many connections and waiting requests\n',
  });
  t.like((await accessLines(sidecar, '/other'))[0], { status: 503, flags: 'UO' });
  await first.stop('SIGKILL');
  const statuses = await Promise.all(others.map(async (answer) => (await answer).status));
  t.is(statuses.map(String).toSorted().join(), '200,503', 'who waited is served when the first is gone');

  // Without the annotations there is room again.
  await mesh.writeService(narrow);
  const second = pod.start({ command: ['curl', '-s', 'http://10.96.0.1/slow/60001'] });
  await until(async () => slowOnes(mesh) === 2);
  await until(async () => (await curl(pod, 'http://10.96.0.1/room')).status === 200);
  await second.stop('SIGKILL');
});

function slowOnes(mesh: Mesh): number {
  return mesh.pod('one').apps[0]?.lines.filter((line) => line === 'slow').length ?? 0;
}

labTest('an annotation that is wrong leaves the default, and the agent says what to write', async (t, lab) => {
  const annotations = { 'heddle.dev/max-connections': 'many', 'heddle.dev/outlier-failure': '2' };
  const mesh = await startMesh(lab, {
    pods: { client: {}, one: app('one') },
    services: [{ name: 'odd', ip: 1, portName: 'http', pods: ['one'], annotations }],
  });
  t.is((await curl(mesh.pod('client').pod, 'http://10.96.0.1/')).status, 200);
  for (const words of [
    'annotation heddle.dev/max-connections has \\"many\\", and the default holds; write a number from 1 to 60000',
    'annotation heddle.dev/outlier-failure means nothing on a Service; these do: ',
  ])
    await t.notThrowsAsync(
      mesh.agent.waitForLine((line) => line.includes(words), 30_000),
      words,
    );
});
