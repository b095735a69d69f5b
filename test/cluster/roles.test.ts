import path from 'node:path';
import test from 'ava';
import { folder as manifests } from '../manifests/objects.ts';
import { installGatewayApi } from './gatewayApi.ts';
import { apply, kubectlCommand, kubectlOf } from './kubectl.ts';
import { start, stop } from './process/component.ts';
import { waitUntil } from './process/progress.ts';
import { type RunResult, tryRun } from './process/run.ts';
import { type LoneControlPlane, startControlPlane } from './startControlPlane.ts';

// An API server with the Gateway API, Heddle, the roles for people, and somebody bound to each of them.
const rbac = 'rbac.authorization.k8s.io';
const system = 'heddle-system';
const routes = 'httproutes.gateway.networking.k8s.io';
const grants = 'referencegrants.gateway.networking.k8s.io';
let plane: LoneControlPlane;
let manager: { readonly name: string; readonly folder: string } | undefined;

test.before('people are bound to the roles', async () => {
  plane = await startControlPlane();
  manager = { name: 'kube-controller-manager', folder: path.dirname(plane.pkiFolder) };
  // It alone fills `edit`, `view` and `admin` with what is to be aggregated to them.
  const program = path.join(path.dirname(plane.kubectl), 'kube-controller-manager');
  const options = ['--controllers=clusterrole-aggregation-controller', '--leader-elect=false', '--secure-port=0'];
  const prefix = ['setpriv', '--pdeathsig', 'KILL', '--'];
  await start({ ...manager, command: [...prefix, program, `--kubeconfig=${plane.kubeconfig}`, ...options] });
  await installGatewayApi({ channel: 'experimental', access: plane });
  await kubectl('apply', '-k', path.join(manifests, 'default'));
  await kubectl('apply', '-k', path.join(manifests, 'overlays/roles'));
  for (const name of ['shop', 'bank']) await kubectl('create', 'namespace', name);
  await apply(
    [
      bound('RoleBinding', 'developer', 'ClusterRole/heddle-application-developer', 'shop'),
      bound('RoleBinding', 'viewer', 'ClusterRole/view', 'shop'),
      bound('RoleBinding', 'editor', 'ClusterRole/edit', 'shop'),
      bound('RoleBinding', 'owner', 'ClusterRole/admin', 'shop'),
      bound('ClusterRoleBinding', 'operator', 'ClusterRole/heddle-cluster-operator'),
      bound('RoleBinding', 'operator', 'Role/heddle-observer', system),
      bound('ClusterRoleBinding', 'provider', 'ClusterRole/heddle-infrastructure-provider'),
      bound('RoleBinding', 'provider', 'Role/heddle-infrastructure-provider', system),
    ],
    plane,
  );
  const aggregated = [
    ['owner', `create ${grants} -n shop`],
    ['editor', `create ${routes} -n shop`],
    ['viewer', `list ${routes} -n shop`],
  ] as const;
  await waitUntil('aggregated roles', 60_000, async () => {
    for (const [user, what] of aggregated) if ((await ask(user, what)) !== 'yes') return false;
    return true;
  });
});
test.after.always(async () => {
  if (manager !== undefined) await stop(manager, 'SIGKILL');
  await plane.close();
});

function kubectl(...words: readonly string[]): Promise<string> {
  return kubectlOf(plane, words);
}

function tryAs(user: string, ...words: readonly string[]): Promise<RunResult> {
  return tryRun(kubectlCommand(plane, [`--as=${user}`, ...words]));
}

async function ask(user: string, what: string): Promise<string> {
  const { output } = await tryAs(user, 'auth', 'can-i', ...what.split(' '));
  return output.split('\n').find((line) => line === 'yes' || line.startsWith('no')) ?? output;
}

function bound(kind: 'RoleBinding' | 'ClusterRoleBinding', user: string, role: string, namespace?: string) {
  const [ofKind = '', name = ''] = role.split('/');
  return {
    apiVersion: `${rbac}/v1`,
    kind,
    metadata: { name: `test-${user}`, ...(namespace !== undefined && { namespace }) },
    roleRef: { apiGroup: rbac, kind: ofKind, name },
    subjects: [{ apiGroup: rbac, kind: 'User', name: user }],
  };
}

const rights: readonly [user: string, may: 'yes' | 'no', what: string][] = [
  ...['developer', 'editor', 'owner'].flatMap((user): typeof rights => [
    [user, 'yes', `create ${routes} -n shop`],
    [user, 'yes', `delete grpcroutes.gateway.networking.k8s.io -n shop`],
    [user, 'yes', `watch ${grants} -n shop`],
    [user, 'yes', 'get pods --subresource=log -n shop'],
    [user, 'no', `patch ${routes} --subresource=status -n shop`],
    [user, 'no', `get ${routes} -n bank`],
    [user, 'no', `create ${routes} -n bank`],
    [user, 'no', 'get pods --subresource=log -n bank'],
    [user, 'no', 'create pods --subresource=portforward -n bank'],
    [user, 'no', `create pods --subresource=portforward -n ${system}`],
    [user, 'no', `get pods -n ${system}`],
    [user, 'no', `get secrets/heddle-ca -n ${system}`],
    [user, 'no', 'patch namespaces/shop'],
  ]),
  // What the role itself leaves out, and Kubernetes' own role has.
  ['developer', 'no', 'create pods --subresource=portforward -n shop'],
  ['developer', 'no', 'get secrets -n shop'],
  ['developer', 'no', 'update services -n shop'],
  ['developer', 'no', `create ${grants} -n shop`],
  ['editor', 'no', `create ${grants} -n shop`],
  ['owner', 'yes', `create ${grants} -n shop`],
  ['owner', 'no', `create ${grants} -n bank`],
  ['viewer', 'yes', `watch ${routes} -n shop`],
  ['viewer', 'yes', `list udproutes.gateway.networking.k8s.io -n shop`],
  ['viewer', 'no', `create ${routes} -n shop`],
  ['viewer', 'no', `list ${routes} -n bank`],
  ['operator', 'yes', `create ${routes} -n bank`],
  ['operator', 'yes', `create ${grants} -n bank`],
  ['operator', 'yes', 'patch namespaces/shop'],
  ['operator', 'yes', 'list pods -A'],
  ['operator', 'yes', 'list nodes'],
  ['operator', 'yes', 'get configmaps/heddle-ca -n shop'],
  ['operator', 'no', 'list configmaps -A'],
  ['operator', 'yes', `create pods --subresource=portforward -n ${system}`],
  ['operator', 'yes', `get pods --subresource=log -n ${system}`],
  ['operator', 'yes', `get leases.coordination.k8s.io/heddle-agent -n ${system}`],
  ['operator', 'no', 'create pods --subresource=portforward -n shop'],
  ['operator', 'no', 'get pods --subresource=log -n shop'],
  ['operator', 'no', 'delete namespaces/shop'],
  ['operator', 'no', 'update services -n shop'],
  ['operator', 'no', `get secrets/heddle-ca -n ${system}`],
  ['operator', 'no', `patch daemonsets.apps/heddle-agent -n ${system}`],
  ['operator', 'no', `delete pods -n ${system}`],
  ['provider', 'yes', `patch daemonsets.apps/heddle-agent -n ${system}`],
  ['provider', 'yes', `delete pods -n ${system}`],
  ['provider', 'yes', `patch secrets/heddle-ca -n ${system}`],
  ['provider', 'yes', 'delete mutatingwebhookconfigurations/heddle-injector'],
  ['provider', 'yes', `patch customresourcedefinitions/${routes}`],
  ['provider', 'no', `get secrets/heddle-agent-tls -n ${system}`],
  ['provider', 'no', `list secrets -n ${system}`],
  ['provider', 'no', 'patch mutatingwebhookconfigurations/other'],
  ['provider', 'no', `delete customresourcedefinitions/${routes}`],
  ['provider', 'no', 'patch customresourcedefinitions/others.example.com'],
  ['provider', 'no', `patch roles.rbac.authorization.k8s.io/heddle-agent -n ${system}`],
  ['provider', 'no', 'bind clusterroles.rbac.authorization.k8s.io/cluster-admin'],
  ['provider', 'no', `create pods --subresource=portforward -n ${system}`],
  ['provider', 'no', `get ${routes} -n shop`],
  ['provider', 'no', 'patch namespaces/shop'],
];

for (const [user, may, what] of rights) {
  test.serial(`${user} ${may === 'yes' ? 'may' : 'may not'} ${what}`, async (t) => {
    t.is(await ask(user, what), may);
  });
}

test.serial('a developer writes a route in its own namespace, and none in another', async (t) => {
  const sample = ['create', '-f', path.join(manifests, '../docs/samples/first-route.yaml')];
  const own = await tryAs('developer', ...sample);
  t.true(own.ok, own.output);
  const other = await tryAs('developer', 'get', routes, '-n', 'bank');
  t.regex(other.output, /Forbidden.*namespace "bank"/s);
});

test.serial(
  'the infrastructure provider applies the manifests again with another image, as an upgrade does',
  async (t) => {
    const again = await tryAs('provider', 'apply', '-k', path.join(manifests, 'default'));
    t.true(again.ok, again.output);
    t.regex(again.output, /daemonset.apps\/heddle-agent unchanged/);
    const image = ['set', 'image', '-n', system, 'daemonset/heddle-agent', 'agent=heddle:next'];
    const changed = await tryAs('provider', ...image);
    t.true(changed.ok, changed.output);
  },
);
