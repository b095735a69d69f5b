import { accessLines, curl } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

const at = 'http://10.96.0.1';
const backendRefs = [{ name: 'web', port: 80 }];

function rule(value: string, policies: object): unknown {
  return { matches: [{ path: { type: 'PathPrefix', value } }], backendRefs, ...policies };
}

labTest('timeouts and retries: what the client gets, and what its line says', async (t, lab) => {
  const retry = { codes: [503], attempts: 2, backoff: '20ms' };
  const mesh = await startMesh(lab, {
    pods: { client: {}, one: {}, two: {} },
    services: [{ name: 'web', ip: 1, pods: ['one', 'two'] }],
    routes: [
      routeObject({
        parent: 'web',
        rules: [
          rule('/slow', { timeouts: { request: '500ms' } }),
          rule('/slow/1', { timeouts: { request: '0s' } }),
          rule('/slow/3001', { timeouts: { request: '5s', backendRequest: '300ms' }, retry }),
          rule('/busy', { retry }),
        ],
      }),
    ],
  });
  const { pod, sidecar } = mesh.pod('client');

  const late = await curl(pod, `${at}/slow/3000`);
  const whole = 'the response of the endpoint was not complete within timeouts.request of its rule, 500ms';
  t.like(late, { status: 504, text: `heddle: 504 ${whole}\n` });
  t.like((await accessLines(sidecar, '/slow/3000'))[0], { flags: 'UT', reason: whole, rule: 0 });
  t.is((await curl(pod, `${at}/slow/1`)).status, 200);

  t.is((await curl(pod, `${at}/slow/3001`)).status, 504);
  const [tried] = await accessLines(sidecar, '/slow/3001');
  t.like(tried, { flags: 'UT', attempts: 3 });
  t.regex(
    String(tried?.['reason']),
    /timeouts.backendRequest of its rule, 300ms; not sent again: its route says attempts: 2$/,
  );

  // Who has just failed is not asked first again: so one of them is asked first where it fails.
  const [one, two] = [
    { busy: 'one', answers: 'two' },
    { busy: 'two', answers: 'one' },
  ];
  for (const { busy, answers } of [one, two, one, two])
    t.like(await curl(pod, `${at}/busy/${busy}`, '-d', 'a body'), { status: 200, name: answers });
  const lines = [...(await accessLines(sidecar, '/busy/one', 2)), ...(await accessLines(sidecar, '/busy/two', 2))];
  const again = lines.filter(({ attempts }) => attempts === 2);
  t.true(again.length >= 1);
  for (const { retriedAfter } of again)
    t.regex(String(retriedAfter), /^10\.244\.1\.\d:8080: the endpoint answered 503$/);
  t.log(late.text, JSON.stringify(tried), JSON.stringify(again[0]));
});
