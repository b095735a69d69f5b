import test from 'ava';
import { heddle, removeHeddle } from './heddle.ts';
import { apply, kubectl } from './kubectl.ts';
import { waitUntil } from './process/progress.ts';
import { client, deploy, deployment, pod, service, undeclared } from './support/app.ts';
import { answers } from './support/call.ts';
import { awaitLine } from './support/log.ts';
import { freshName, makeNamespace, removeNamespaces } from './support/namespace.ts';
import { httpRoute, prefix, to } from './support/route.ts';
import { useNamespace } from './support/useNamespace.ts';

// The heddle command as its users run it: by a kubeconfig, against the API server and the agents.
const shop = useNamespace('command');
const canary = httpRoute(shop, 'cart', 'cart', [
  { name: 'carts', matches: [prefix('/cart')], backendRefs: [to('cart', { weight: 9 }), to('cart-v2', { weight: 1 })] },
]);
test.before(async () => {
  await apply([canary]);
  await deploy([
    deployment(shop, 'cart', {}, 2),
    service(shop, 'cart'),
    pod(shop, 'cart-v2'),
    service(shop, 'cart-v2'),
    client(shop),
  ]);
  await answers(shop, 'client', 'http://cart/cart');
});
test.after.always(removeHeddle);

test.serial('a healthy mesh is found healthy', async (t) => {
  const { output } = await heddle(['check']);
  for (const line of [
    'Kubernetes',
    'Gateway API',
    'injectors',
    'agents',
    'webhook',
    'CA',
    "agents' certificate",
    'statuses',
  ])
    t.regex(output, new RegExp(`^good +${line} `, 'm'));
  t.regex(output, /^good +agents +2 of 2 ready$/m);
});

test.serial('a pod without sidecar and a strict namespace are found, with what mends them', async (t) => {
  const name = freshName('command-strict');
  t.teardown(() => removeNamespaces(name));
  await makeNamespace(name, {});
  await deploy([pod(name, 'before')]);
  await kubectl('label', 'namespace', name, 'heddle.dev/inject=enabled', 'pod-security.kubernetes.io/enforce=baseline');
  await apply([service(name, 'silent', undeclared())]);
  const { output, ok } = await heddle(['check']);
  t.false(ok, output);
  t.true(output.includes(`${name}/before`), output);
  t.true(output.includes(`kubectl -n ${name} delete pod before`), output);
  t.true(output.includes(`kubectl label --overwrite namespace ${name} pod-security.kubernetes.io/enforce=privileged`));
  t.regex(output, new RegExp(`warning +Services .*${name}/silent:80`));
});

test.serial('a route is live on the sidecar that uses it, by what its agent knows', async (t) => {
  const what = ['status', 'route', 'cart', '-n', shop];
  await waitUntil('a live route', 60_000, async () => (await heddle(what)).output.includes('on 1 of 1 sidecar'));
  const { output, ok } = await heddle(what);
  t.regex(output, new RegExp(`HTTPRoute ${shop}/cart +yes +yes +on 1 of 1 sidecar, p99 \\d+ ms`));
  t.true(ok, output);
  const services = await heddle(['status', 'services', '-n', shop]);
  t.regex(services.output, new RegExp(`${shop}/cart:80 +http1 +2 of 2 +HTTPRoute ${shop}/cart +on 1 of 1 sidecar`));
  const pods = await heddle(['status', 'pod', `${shop}/client`]);
  t.regex(pods.output, new RegExp(`${shop}/client, told by heddle-agent-\\S+, on \\S+\\n +${shop}/cart:80 +live`));
  const nobody = await heddle(['status', 'pod', `${shop}/nobody`]);
  t.regex(nobody.output, /no agent has a stream of a sidecar of .*nobody/);
});

test.serial('a wrong route is told by status and by check', async (t) => {
  const wrong = httpRoute(shop, 'wrong', 'carts', [{ backendRefs: [to('cart-v3')] }]);
  await apply([wrong]);
  t.teardown(() => kubectl('-n', shop, 'delete', 'httproute', 'wrong'));
  const status = await heddle(['status', 'routes', '-n', shop]);
  t.regex(status.output, new RegExp(`HTTPRoute ${shop}/wrong +no +no `));
  t.false(status.ok);
  const told = new RegExp(`HTTPRoute ${shop}/wrong at Service carts: Accepted is False, NoMatchingParent`);
  await waitUntil('the status of the wrong route', 60_000, async () => told.test((await heddle(['check'])).output));
});

test.serial('a request is explained as the cluster has it, and so is a line of the log', async (t) => {
  const { output, ok } = await heddle(['explain', `http://cart.${shop}/cart/7`, '--from', `${shop}/client`]);
  t.true(ok, output);
  t.regex(output, new RegExp(`client +${shop}/client on node \\S+`));
  t.regex(output, new RegExp(`90% +${shop}/cart:80 at \\S+:8080 \\(cart-\\S+\\), \\S+:8080`));
  t.regex(output, new RegExp(`10% +${shop}/cart-v2:80 at \\S+:8080 \\(cart-v2\\)`));
  const matching = { route: `HTTPRoute ${shop}/cart` } as const;
  const line = (await awaitLine(shop, 'client', matching)).find(({ route }) => route === matching.route);
  const explained = await heddle(['explain', JSON.stringify(line)]);
  t.true(explained.ok, explained.output);
  t.regex(explained.output, /rule 0 "carts"/);
  const routes = await heddle(['routes', `cart.${shop}`]);
  t.regex(
    routes.output,
    new RegExp(`1 +path prefix /cart +rule 0 "carts" +90% ${shop}/cart:80, 10% ${shop}/cart-v2:80`),
  );
});

test.serial(
  'what is in the cluster differs from itself in nothing, and from a file by what that changes',
  async (t) => {
    const own = await kubectl('-n', shop, 'get', 'services,httproutes', '-o', 'json');
    const same = await heddle(['diff', '-f', '-'], { input: own });
    t.is(same.output, 'Nothing would change for any request.\n');
    const half = JSON.stringify(canary).replace('"weight":9', '"weight":1');
    const changed = await heddle(['diff', '-f', '-'], { input: half });
    t.false(changed.ok);
    t.regex(changed.output, new RegExp(`before +90% +${shop}/cart:80 .*\\n +10% +${shop}/cart-v2:80`));
    t.regex(changed.output, new RegExp(`after +50% +${shop}/cart:80`));
  },
);
