import test, { type ExecutionContext } from 'ava';
import { controllerName } from '../../contract/objects.ts';
import { meshesPath } from '../../agent/status/meshObject.ts';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { connectApi } from '../../kubernetes/connect.ts';
import { fieldsOf } from '../../runtime/json.ts';
import { keepTranslation, type Whole } from '../agent/translate/whole.ts';
import { makeNamespace } from '../bench/clusterObjects.ts';
import { type Channel, installGatewayApi } from './gatewayApi.ts';
import { apply, type KubernetesObject } from './kubectl.ts';
import { eventually } from './process/progress.ts';
import { type LoneControlPlane, startControlPlane } from './startControlPlane.ts';
import { startStatusAgent } from './statusAgent.ts';
import { createService, patchRoute, readRoute } from './statusObjects.ts';
import { service } from './support/app.ts';
import { httpRoute } from './support/route.ts';
import { versions } from './versions.ts';

// The definitions of each version and channel that users may have, on a real API server, with the agent's own source,
// translation and status writer. What a channel serves is asked, so that a version that comes or goes is noticed here.

const older = versions.gatewayApi;
const newer = versions.newerGatewayApi.version;
const channels = ['standard', 'experimental'] as const;
const group = 'gateway.networking.k8s.io';
const timing = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryMs: 400 };

for (const version of [older, newer]) {
  for (const channel of channels) {
    test.serial(`v${version}, ${channel}: routes and grants of every version served there count`, async (t) => {
      const { plane, api } = await setUp(t, version, channel);
      const agent = await startAgent(t, plane);
      const routeVersions = await servedVersions(api, 'httproutes');
      const grantVersions = await servedVersions(api, 'referencegrants');
      t.deepEqual(
        [routeVersions, grantVersions],
        [
          ['v1', 'v1beta1'],
          ['v1', 'v1beta1'],
        ],
      );
      for (const grantVersion of grantVersions) {
        const stock = `stock-${grantVersion}`;
        await api.request(makeNamespace(stock));
        await apply([service(stock, 'items')], plane);
        for (const routeVersion of routeVersions) {
          const name = `${routeVersion}-${grantVersion}`;
          // A match of its own, or the agent would say that all but one never get a request.
          const rules = [{ matches: matchesOf(name), backendRefs: [{ name: 'items', namespace: stock, port: 80 }] }];
          await apply([route(name, { rules }, routeVersion)], plane);
          await conditions(api, name, 'Accepted/Accepted', 'ResolvedRefs/RefNotPermitted');
        }
        await apply([grant(stock, grantVersion)], plane);
        for (const routeVersion of routeVersions) {
          const name = `${routeVersion}-${grantVersion}`;
          await conditions(api, name, 'Accepted/Accepted', 'ResolvedRefs/ResolvedRefs');
          t.like(agent.rulesOf(name)?.[0]?.backends[0], { namespace: stock, target: { type: 'Endpoints' } });
        }
      }
      await expectMesh(t, api, channel);
      t.deepEqual(agent.complaints(), []);
    });
  }
}

for (const channel of channels) {
  test.serial(`${channel}: v${newer} is installed over v${older} under a running agent`, async (t) => {
    const { plane, api } = await setUp(t, older, channel);
    const agent = await startAgent(t, plane);
    // The standard channel lets two rules have one name until v1.7; such a route stays, and gets statuses.
    const name = channel === 'standard' ? 'same' : 'other';
    const rules = ['same', name].map((one, at) => ({
      name: one,
      matches: matchesOf(`rule-${at}`),
      backendRefs: [{ name: `web-${at}`, port: 80 }],
    }));
    await apply([route('before', { rules })], plane);
    await conditions(api, 'before', 'Accepted/Accepted', 'ResolvedRefs/BackendNotFound');
    await expectMesh(t, api, channel);
    const told = agent.translations.length;

    await installGatewayApi({ channel, version: newer, access: plane });
    t.is(await bundleVersion(api), `v${newer}`);
    await createService(api, 'web-0', { ports: [{ name: 'http', port: 80 }] });
    await createService(api, 'web-1', { ports: [{ name: 'http', port: 80 }] });
    await conditions(api, 'before', 'Accepted/Accepted', 'ResolvedRefs/ResolvedRefs');
    await eventually('retry is a known field', () => acceptsRetry(plane), Boolean, 60_000);
    await conditions(api, 'after', 'Accepted/Accepted', 'ResolvedRefs/ResolvedRefs');
    t.is(agent.rulesOf('after')?.length, 1);
    await apply([grant('default', 'v1')], plane);
    await patchRoute(api, 'before', { spec: { rules: rules.slice(1) } });
    await eventually(
      'the change of an old route',
      () => agent.rulesOf('before')?.length,
      (count) => count === 1,
    );
    await expectMesh(t, api, channel);
    const without = agent.translations.slice(told).filter((one) => rulesIn(one, 'before') === undefined);
    t.is(without.length, 0);
    // The API server makes the storage of a changed kind anew, and may end watches so.
    const renewed = /410 too old resource version|429 storage is \(re\)initializing/;
    t.deepEqual(
      agent.complaints().filter((line) => !renewed.test(line)),
      [],
    );
  });
}

function matchesOf(name: string) {
  return [{ path: { type: 'PathPrefix', value: `/${name}` } }];
}

async function setUp(t: ExecutionContext, version: string, channel: Channel) {
  const plane = await startControlPlane();
  t.teardown(() => plane.close());
  const api = await connectApi({ kubeconfig: plane.kubeconfig });
  t.teardown(() => api.close());
  await installGatewayApi({ channel, version, access: plane });
  t.is(await bundleVersion(api), `v${version}`);
  await createService(api, 'web', { ports: [{ name: 'http', port: 80 }] });
  return { plane, api };
}

async function startAgent(t: ExecutionContext, plane: LoneControlPlane) {
  const api = await connectApi({ kubeconfig: plane.kubeconfig });
  const translations: Whole[] = [];
  const keep = keepTranslation();
  const agent = await startStatusAgent(api, 'leader', timing, (changes) => translations.push(keep(changes)));
  t.teardown(() => agent.close());
  await eventually('leading', () => agent.statuses.leading, Boolean, 30_000);
  return {
    translations,
    rulesOf: (name: string) => rulesIn(translations.at(-1), name),
    complaints: () => agent.lines.filter((line) => !/"level":"(?:debug|info)"/.test(line)),
  };
}

function rulesIn(translation: Whole | undefined, name: string) {
  const routes = (translation?.routings ?? []).flatMap(({ routing }) => routing.routes);
  return routes.find((one) => one.name === name)?.rules;
}

async function bundleVersion(api: Api): Promise<unknown> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/httproutes.${group}`;
  const { annotations } = fieldsOf(fieldsOf(await api.request({ path }))['metadata']);
  return fieldsOf(annotations)[`${group}/bundle-version`];
}

/** The versions in which the API server serves a resource of the group, sorted. */
async function servedVersions(api: Api, resource: string): Promise<string[]> {
  const { versions: all } = fieldsOf(await api.request({ path: `/apis/${group}` }));
  const served: string[] = [];
  for (const { version } of all as readonly { readonly version: string }[]) {
    const { resources } = fieldsOf(await api.request({ path: `/apis/${group}/${version}` }));
    if ((resources as readonly { readonly name: string }[]).some(({ name }) => name === resource)) served.push(version);
  }
  return served.toSorted();
}

function route(name: string, spec: { readonly rules: readonly object[] }, version = 'v1'): KubernetesObject {
  const made = httpRoute('default', name, { name: 'web', port: 80 }, spec.rules);
  return { ...made, apiVersion: `${group}/${version}` };
}

function grant(namespace: string, version: string): KubernetesObject {
  const from = [{ group, kind: 'HTTPRoute', namespace: 'default' }];
  const spec = { from, to: [{ group: '', kind: 'Service' }] };
  return { apiVersion: `${group}/${version}`, kind: 'ReferenceGrant', metadata: { name: 'shop', namespace }, spec };
}

/** Applies a route with a field that the standard channel has since v1.7, and a value that neither had before. */
function acceptsRetry(plane: LoneControlPlane): Promise<boolean> {
  const rules = [{ matches: matchesOf('after'), backendRefs: [{ name: 'web', port: 80 }], retry: { attempts: 0 } }];
  return apply([route('after', { rules })], plane).then(
    () => true,
    () => false,
  );
}

function conditions(api: Api, name: string, ...expected: readonly string[]) {
  const read = async () => {
    const { parents } = await readRoute(api, name);
    const ours = parents.filter((entry) => entry.controllerName === controllerName);
    return ours.flatMap((entry) => entry.conditions.map(({ type, reason }) => `${type}/${reason}`));
  };
  return eventually(`status of ${name}`, read, (found) => found.join() === expected.join());
}

async function expectMesh(t: ExecutionContext, api: Api, channel: Channel): Promise<void> {
  if (channel === 'standard') {
    await t.throwsAsync(api.request({ path: meshesPath }), { message: /404/ });
    return;
  }
  const read = () =>
    api.request({ path: `${meshesPath}/heddle` }).catch((error: unknown) => {
      if (isApiStatus(error, 404)) return undefined;
      throw error;
    });
  t.true(isAccepted(await eventually('XMesh heddle', read, isAccepted)));
}

function isAccepted(mesh: unknown): boolean {
  const { conditions: all } = fieldsOf(fieldsOf(mesh)['status']);
  return Array.isArray(all) && fieldsOf(all[0])['status'] === 'True';
}
