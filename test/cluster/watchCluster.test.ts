import { readFile } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { pino } from 'pino';
import { ObservedStatuses } from '../../agent/cluster/observedStatus.ts';
import { watchCluster } from '../../agent/cluster/watch.ts';
import type { KubernetesObject } from '../../agent/objects/types.ts';
import { Store } from '../../agent/store.ts';
import type { Api, ApiRequest } from '../../kubernetes/api.ts';
import { connectApi } from '../../kubernetes/connect.ts';
import { makeEndpointSlice, makeNamespace, makeRoute, makeService } from '../bench/clusterObjects.ts';
import { installGatewayApi } from './gatewayApi.ts';
import { type LoneControlPlane, startControlPlane } from './startControlPlane.ts';
import { serviceRef } from './support/route.ts';

type Setting = { readonly plane: LoneControlPlane; readonly api: Api };

// One after another: five API servers that start at once on two cores take each other the time in which one must.

/** A control plane of its own with the namespaces shop-0 and shop-1. */
async function setUp(t: ExecutionContext): Promise<Setting> {
  const plane = await startControlPlane();
  const api = await connectApi({ kubeconfig: plane.kubeconfig });
  t.teardown(async () => {
    await api.close();
    await plane.close();
  });
  await api.request(makeNamespace('shop-0'));
  await api.request(makeNamespace('shop-1'));
  return { plane, api };
}

/** The source with what it has told so far; `until` waits for a state of it. */
function follow(t: ExecutionContext, api: Api) {
  const controller = new AbortController();
  const lines: string[] = [];
  const log = pino({ level: 'debug', base: null }, { write: (line: string) => void lines.push(line) });
  const observed = new ObservedStatuses();
  const store = new Store();
  const events: string[] = [];
  let isListed = false;
  const running = (async () => {
    for await (const event of watchCluster(api, { signal: controller.signal, log, observed })) {
      if (event.type === 'listed') isListed = true;
      if (event.type === 'applied' || event.type === 'deleted') {
        const { kind, meta } = event.object;
        events.push(`${event.type} ${kind} ${meta.namespace}/${meta.name}`);
      }
      store.apply(event);
    }
  })();
  t.teardown(async () => {
    controller.abort();
    await running;
  });
  return {
    lines,
    observed,
    events,
    isListed: () => isListed,
    objects: () => store.objects,
    async until(what: string, holds: () => boolean, timeoutMs = 60_000): Promise<void> {
      const deadline = performance.now() + timeoutMs;
      while (!holds() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
      t.true(holds(), `${what}; events: ${events.slice(-20).join(', ')}; log: ${lines.slice(-10).join('')}`);
    },
  };
}

function named(objects: ReadonlyMap<string, KubernetesObject>, name: string): KubernetesObject | undefined {
  return objects.values().find(({ meta }) => meta.name === name);
}

/** The request that creates TCPRoute `db`. */
function makeUnbuilt(namespace: string): ApiRequest {
  return {
    method: 'POST',
    path: `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/tcproutes`,
    body: {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'TCPRoute',
      metadata: { name: 'db' },
      spec: { parentRefs: [serviceRef('db')], rules: [{ backendRefs: [{ name: 'db', port: 5432 }] }] },
    },
  };
}

/** The requests that let everybody list and watch these resources of any group. */
function allowEverybody(resources: readonly string[]): readonly ApiRequest[] {
  const rbac = 'rbac.authorization.k8s.io';
  const role = { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'everybody' } };
  const subjects = [{ apiGroup: rbac, kind: 'User', name: 'system:anonymous' }];
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: 'everybody' };
  const rules = [{ apiGroups: ['*'], resources, verbs: ['get', 'list', 'watch'] }];
  const path = `/apis/${rbac}/v1`;
  return [
    { method: 'POST', path: `${path}/clusterroles`, body: { ...role, rules } },
    {
      method: 'POST',
      path: `${path}/clusterrolebindings`,
      body: { ...role, kind: 'ClusterRoleBinding', subjects, roleRef },
    },
  ];
}

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const route0 = '/apis/gateway.networking.k8s.io/v1/namespaces/shop-0/httproutes/route-0';

test.serial(
  'CRDs that are not there count as empty, are picked up when they appear, and take their objects along',
  async (t) => {
    const { plane, api } = await setUp(t);
    await api.request(makeService('shop-0', 0));
    const source = follow(t, api);
    const warnings = (): number =>
      source.lines.filter((line) => line.includes('Kind is not served') && line.includes('"level":40')).length;
    await source.until('listed without CRDs', source.isListed);
    t.is(warnings(), 3, 'and nothing of kinds that only a status is told of');
    t.truthy(named(source.objects().Service, 'svc-0'));

    await installGatewayApi({ channel: 'standard', access: plane });
    await api.request(makeRoute('shop-0', 0, 1));
    await source.until('the route comes', () => named(source.objects().HTTPRoute, 'route-0') !== undefined, 60_000);
    t.is(warnings(), 3);
    await api.request(makeUnbuilt('shop-0'));
    await source.until('the TCPRoute comes', () => named(source.objects().TCPRoute, 'db') !== undefined, 60_000);

    await api.request({ method: 'DELETE', path: `${crds}/httproutes.gateway.networking.k8s.io` });
    await source.until('the route goes', () => source.objects().HTTPRoute.size === 0, 60_000);
    await source.until('the kind is missing', () => warnings() === 4, 60_000);
    await api.request({ method: 'DELETE', path: `${crds}/tcproutes.gateway.networking.k8s.io` });
    await source.until('the TCPRoute goes', () => source.objects().TCPRoute.size === 0, 60_000);
    await source.until('no status is left', () => source.observed.size === 0);
  },
);

test.serial(
  'changes come as events, unchanged objects do not, and statuses are observed without an event',
  async (t) => {
    const { plane, api } = await setUp(t);
    await installGatewayApi({ channel: 'experimental', access: plane });
    await api.request(makeService('shop-0', 0));
    await api.request(makeEndpointSlice('shop-0', 0, 3));
    await api.request(makeRoute('shop-0', 0, 1));
    const source = follow(t, api);
    await source.until('listed', source.isListed);
    const before = named(source.objects().HTTPRoute, 'route-0');
    const seen = source.observed.get('HTTPRoute shop-0/route-0');
    t.deepEqual(seen?.parents, []);
    t.is(seen?.generation, 1);

    const told = source.events.length;
    const condition = {
      type: 'Accepted',
      status: 'True',
      reason: 'Accepted',
      message: '',
      lastTransitionTime: '2026-11-25T10:00:00Z',
    };
    const parents = [{ parentRef: { name: 'svc-0' }, controllerName: 'example.com/other', conditions: [condition] }];
    const contentType = 'application/merge-patch+json';
    await api.request({ method: 'PATCH', path: `${route0}/status`, body: { status: { parents } }, contentType });
    await source.until(
      'the status is observed',
      () => source.observed.get('HTTPRoute shop-0/route-0')?.parents.length === 1,
    );
    const slice = '/apis/discovery.k8s.io/v1/namespaces/shop-0/endpointslices/svc-0-x7k2p';
    const annotation = { metadata: { annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': 'now' } } };
    await api.request({ method: 'PATCH', path: slice, body: annotation, contentType });
    await api.request(makeService('shop-1', 1));
    await source.until('the later Service comes', () => named(source.objects().Service, 'svc-1') !== undefined);
    t.deepEqual(source.events.slice(told), ['applied Service shop-1/svc-1']);
    t.is(named(source.objects().HTTPRoute, 'route-0'), before);

    await api.request({ method: 'DELETE', path: route0 });
    await api.request(makeRoute('shop-0', 0, 1));
    await source.until('the new route comes', () => source.events.length === told + 3);
    t.deepEqual(source.events.slice(told + 1), [
      'deleted HTTPRoute shop-0/route-0',
      'applied HTTPRoute shop-0/route-0',
    ]);
    t.not(named(source.objects().HTTPRoute, 'route-0')?.meta.uid, before?.meta.uid);
  },
);

test.serial(
  'an API server that goes and comes back costs no object, and what changes afterwards arrives',
  async (t) => {
    const { plane, api } = await setUp(t);
    await installGatewayApi({ channel: 'standard', access: plane });
    await api.request(makeService('shop-0', 0));
    await api.request(makeRoute('shop-0', 0, 1));
    const source = follow(t, api);
    await source.until('listed', source.isListed);
    const told = source.events.length;
    for (let times = 0; times < 2; times += 1) {
      await plane.stopApiServer();
      await source.until('the loss is told', () => source.lines.some((line) => line.includes('Watch failed')));
      await plane.startApiServer();
      await api.request(makeRoute('shop-0', 0, 10 + times, 'change'));
      await source.until('the change comes', () => source.events.length === told + 1 + times, 60_000);
    }
    t.deepEqual(source.events.slice(told), ['applied HTTPRoute shop-0/route-0', 'applied HTTPRoute shop-0/route-0']);
  },
);

test.serial(
  'an agent without rights says which are missing, and is listed once it may read what is served',
  async (t) => {
    const plane = await startControlPlane({ flags: ['--anonymous-auth=true'] });
    t.teardown(() => plane.close());
    const admin = await connectApi({ kubeconfig: plane.kubeconfig });
    const ca = await readFile(`${plane.pkiFolder}/ca.crt`);
    const api = await connectApi({
      credentials: {
        server: new URL(plane.url),
        serverName: undefined,
        verifyServer: true,
        namespace: undefined,
        readTls: () => Promise.resolve({ ca }),
        headers: () => Promise.resolve({}),
      },
    });
    t.teardown(async () => {
      await api.close();
      await admin.close();
    });
    const source = follow(t, api);
    await source.until('told', () =>
      source.lines.some((line) => line.includes('let the ServiceAccount get, list and watch')),
    );
    t.false(source.isListed());
    // As under the rights of a Heddle that knew no other kinds of routes.
    await installGatewayApi({ channel: 'standard', access: plane });
    for (const request of allowEverybody(['services', 'endpointslices', 'httproutes', 'referencegrants']))
      await admin.request(request);
    await source.until('listed', source.isListed);
    await source.until('told of the others', () =>
      source.lines.some((line) => line.includes('"kind":"GRPCRoute"') && line.includes('let the ServiceAccount')),
    );
  },
);
