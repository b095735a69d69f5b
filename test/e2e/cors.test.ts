import { accessLines, curl } from './clients.ts';
import { labTest } from './labTest.ts';
import { startMesh } from './mesh.ts';
import { routeObject } from './objects.ts';

labTest(
  'CORS: a preflight is answered by the sidecar, and answers of the application say what the route says',
  async (t, lab) => {
    const cors = { allowOrigins: ['https://*.shop.example'], allowMethods: ['PUT'], allowHeaders: ['*'], maxAge: 600 };
    const mesh = await startMesh(lab, {
      pods: { client: {}, web: {} },
      services: [{ name: 'web', ip: 1, pods: ['web'] }],
      routes: [
        routeObject({
          parent: 'web',
          rules: [
            {
              matches: [{ path: { type: 'PathPrefix', value: '/cart' }, method: 'PUT' }],
              filters: [{ type: 'CORS', cors }],
              backendRefs: [{ name: 'web', port: 80 }],
            },
          ],
        }),
      ],
    });
    const { pod, sidecar } = mesh.pod('client');
    const ask = (method: string, origin: string, path: string): ReturnType<typeof curl> => {
      const asks = ['-H', `Origin: ${origin}`, '-H', 'Access-Control-Request-Method: PUT'];
      const names = ['-H', 'Access-Control-Request-Headers: content-type'];
      return curl(pod, '-i', '-X', method, ...asks, ...names, `http://10.96.0.1${path}`);
    };
    const preflight = await ask('OPTIONS', 'https://www.shop.example', '/cart/preflight');
    t.is(preflight.status, 204);
    t.regex(
      preflight.text.replaceAll('\r', ''),
      new RegExp(
        [
          'Access-Control-Allow-Origin: https://www.shop.example',
          'Vary: Origin, Access-Control-Request-Headers',
          'Access-Control-Allow-Methods: PUT',
          'Access-Control-Allow-Headers: content-type',
          'Access-Control-Max-Age: 600\n\n$',
        ].join('\n'),
      ),
    );
    t.is((await ask('OPTIONS', 'https://evil.example', '/cart/refused')).status, 403);
    const answer = await ask('PUT', 'https://www.shop.example', '/cart/put');
    t.is(answer.status, 200);
    t.regex(answer.text, /^Access-Control-Allow-Origin: https:\/\/www\.shop\.example\r$/m);
    t.regex(answer.text, /"name":"web"/);
    for (const [path, verdict] of [
      ['preflight', 'preflight allowed'],
      ['refused', 'preflight: origin not allowed'],
      ['put', 'allowed'],
    ])
      t.like((await accessLines(sidecar, `/cart/${path}`))[0], { cors: verdict, rule: 0, flags: undefined });
  },
);
