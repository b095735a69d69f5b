import { apply } from '../kubectl.ts';
import { waitUntil } from '../process/progress.ts';
import { ask } from './meshPod.ts';

/** Gives all requests of Service `web`, on port 80, the header `x-route` with this value. */
export async function markRoute(namespace: string, value: string): Promise<void> {
  const requestHeaderModifier = { set: [{ name: 'x-route', value }] };
  await apply([
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'web', namespace },
      spec: {
        parentRefs: [{ group: '', kind: 'Service', name: 'web' }],
        rules: [
          {
            filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier }],
            backendRefs: [{ name: 'web', port: 80 }],
          },
        ],
      },
    },
  ]);
}

/** Waits until requests of a pod to Service `web` have that header. */
export async function marked(namespace: string, from: string, value: string, timeoutMs = 30_000): Promise<void> {
  await waitUntil(`route ${value} for ${namespace}/${from}`, timeoutMs, async () => {
    return (await ask(namespace, from, 'http://web/')).headers['x-route'] === value;
  });
}
