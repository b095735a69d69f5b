import test from 'ava';
import { attachRoute } from '../../../agent/translate/attach.ts';
import { translateStatus } from '../../../agent/translate/routeStatus.ts';
import { parseFile } from '../../../agent/files/parse.ts';
import type { Refusal } from '../../../agent/translate/judge.ts';

const parsed = parseFile(`
apiVersion: v1
kind: Service
metadata: { namespace: shop, name: cart }
spec: { clusterIP: 10.96.0.1, ports: [{ name: a, port: 80 }, { name: b, port: 81 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { namespace: shop, name: cart }
spec:
  parentRefs: [{ group: "", kind: Service, name: cart }]
  rules: [{ backendRefs: [{ name: cart, port: 80 }] }]
`);

/** Accepted, where the route is refused at these ports. */
function accepted(...ports: readonly string[]) {
  return acceptance(ports, []);
}

/** Accepted, where the route is refused at these ports and displaces others at those. */
function acceptance(ports: readonly string[], displacingAt: readonly string[]) {
  const objects = parsed.ok ? parsed.objects.map(({ object }) => object) : [];
  const service = objects.find((object) => object.kind === 'Service');
  const route = objects.find((object) => object.kind === 'HTTPRoute');
  if (route === undefined) throw new Error('the objects are broken');
  const attached = attachRoute('HTTPRoute shop/cart', route, { service: () => service, grants: () => [] });
  const refusals = new Map(ports.map((port): [string, Refusal] => [port, { reason: 'Conflicted', message: port }]));
  const status = translateStatus(attached, (port) => ({
    refusal: refusals.get(port),
    displacing: displacingAt.includes(port) ? [`another does not serve at ${port}`] : [],
    shadowed: [],
  }));
  return status.parents[0]?.conditions.find(({ type }) => type === 'Accepted');
}

test('a route that is refused at every port of its parent is not accepted', (t) => {
  const message = 'shop/cart:80; shop/cart:81';
  t.like(accepted('shop/cart:80', 'shop/cart:81'), { status: false, reason: 'Conflicted', message });
});

test('a route that serves at one port is accepted, and says where it does not', (t) => {
  t.like(accepted('shop/cart:81'), { status: true, message: 'Route is accepted; shop/cart:81' });
  t.like(accepted(), { status: true, message: 'Route is accepted' });
});

test('a route that has a port before another is accepted, and says so', (t) => {
  const message = 'Route is accepted; shop/cart:81; another does not serve at shop/cart:80';
  t.like(acceptance(['shop/cart:81'], ['shop/cart:80']), { status: true, message });
});
