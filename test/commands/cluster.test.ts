import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { parseAllDocuments } from 'yaml';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'heddle-cluster-'));
test.after.always(() => rmSync(folder, { recursive: true }));

type Raw = { readonly kind: string; readonly metadata: { readonly namespace: string } };
const demo = path.join(root, 'lab/demo/config');
const objects = readdirSync(demo).flatMap((file) => {
  const documents = parseAllDocuments(readFileSync(path.join(demo, file), 'utf8'));
  return (Array.isArray(documents) ? documents : []).map((document) => document.toJS() as Raw);
});
const kinds: Readonly<Record<string, string>> = {
  services: 'Service',
  endpointslices: 'EndpointSlice',
  httproutes: 'HTTPRoute',
  referencegrants: 'ReferenceGrant',
};

function withVersion(object: Raw): object {
  return { ...object, metadata: { ...object.metadata, resourceVersion: '1' } };
}

/** It has no Service, so no slice names it. */
const client = {
  metadata: { namespace: 'shop', name: 'client', resourceVersion: '1' },
  spec: { nodeName: 'node-z' },
  status: { podIPs: [{ ip: '10.244.1.77' }] },
};

/** A status for a path that is refused; undefined: its list. */
type Script = (resource: string, namespace: string | undefined) => number | undefined;

/** An API server that has the demo's objects; gives back a kubeconfig for it. */
async function startApi(t: ExecutionContext, script: Script): Promise<string> {
  const server = http.createServer((request, response) => {
    if (request.url?.startsWith('/api/v1/namespaces/shop/pods/') === true) {
      const status = script('pods', 'shop') ?? (request.url.endsWith('/client') ? 200 : 404);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(status === 200 ? client : { kind: 'Status', message: 'no' }));
      return;
    }
    const [, namespace, resource = ''] =
      /^\/apis?\/.*?v\w+\/(?:namespaces\/([^/]+)\/)?(\w+)(?:\?|$)/.exec(request.url ?? '') ?? [];
    const status = kinds[resource] === undefined ? 404 : script(resource, namespace);
    const items = objects
      .filter(
        ({ kind, metadata }) => kind === kinds[resource] && (namespace ?? metadata.namespace) === metadata.namespace,
      )
      .map(withVersion);
    const refusal = {
      kind: 'Status',
      reason: status === 403 ? 'Forbidden' : 'NotFound',
      message: `${resource}: ${status ?? ''}`,
    };
    response.writeHead(status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === undefined ? { metadata: { resourceVersion: '1' }, items } : refusal));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const file = path.join(folder, `${port}.yaml`);
  const config = readFileSync(path.join(import.meta.dirname, 'kubeconfig.yaml'), 'utf8');
  writeFileSync(file, config.replace('http://127.0.0.1:1', `http://127.0.0.1:${port}`));
  return file;
}

async function heddle(...words: readonly string[]): Promise<{ out: string; errors: string; code: number | null }> {
  const child = spawn(process.execPath, [path.join(root, 'commands/main.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const code = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out, errors, code: await code };
}

test('A cluster is explained like the folder that has the same objects', async (t) => {
  const config = await startApi(t, () => undefined);
  const words = ['explain', 'http://cart/pay/42', '--from', 'shop'];
  const [cluster, files] = [await heddle(...words, '--kubeconfig', config), await heddle(...words, '-f', demo)];
  t.is(cluster.errors, '');
  t.is(cluster.code, 0);
  t.is(cluster.out, files.out);
  t.regex(cluster.out, /bank\/payments:80 at 10.244.1.5:8080/);
});

test('A name without namespace is that of the context, and diff compares with the cluster', async (t) => {
  const config = await startApi(t, () => undefined);
  t.regex((await heddle('routes', 'cart', '--kubeconfig', config)).out, /^shop\/cart:80/);
  const same = await heddle('diff', '-f', path.join(demo, 'routes.yaml'), '--kubeconfig', config);
  t.deepEqual([same.out, same.errors, same.code], ['Nothing would change for any request.\n', '', 0]);
  const changed = await heddle('diff', '-f', path.join(root, 'docs/samples/shop-canary.yaml'), '--kubeconfig', config);
  t.is(changed.code, 1);
  t.regex(changed.out, /10% {3}shop\/cart-v2:80/);
});

test('Who may not list everywhere is shown the namespaces of the request, and told so', async (t) => {
  const config = await startApi(t, (_, namespace) => (namespace === undefined ? 403 : undefined));
  const { out, code } = await heddle('explain', 'http://cart.shop/cart', '--kubeconfig', config);
  t.is(code, 0);
  t.regex(out, /shop\/cart-v1:80 at 10.244.1.3:8080/);
  t.regex(out, /Note: you may not list objects of all namespaces: only shop was looked at/);
});

test('Who may list nothing is told which right is missing', async (t) => {
  const config = await startApi(t, (resource) => (resource === 'httproutes' ? 403 : undefined));
  const { out, errors, code } = await heddle('explain', 'http://cart.shop/cart', '--kubeconfig', config);
  t.deepEqual([out, code], ['', 2]);
  t.regex(errors, /httproutes: 403.*; ask for the right to list it, or look at files with -f/);
});

test('Without the definitions of the Gateway API a Service is itself, with a note', async (t) => {
  const config = await startApi(t, (resource) => (resource === 'httproutes' ? 404 : undefined));
  const { out, code } = await heddle('explain', 'http://cart.shop/cart', '--kubeconfig', config);
  t.is(code, 0);
  t.regex(out, /It goes to the Service itself/);
  t.regex(out, /Note: the cluster does not know HTTPRoutes; install the definitions of the Gateway API/);
});

test('So it is for who may list only some namespaces', async (t) => {
  const config = await startApi(t, (resource, namespace) => {
    if (namespace === undefined) return 403;
    return resource === 'httproutes' ? 404 : undefined;
  });
  const { out, code } = await heddle('explain', 'http://cart.shop/cart', '--kubeconfig', config);
  t.is(code, 0);
  t.regex(out, /It goes to the Service itself/);
  t.regex(out, /Note: the cluster does not know HTTPRoutes; install the definitions of the Gateway API/);
});

test('Where a pod runs that asks is read of the pod itself', async (t) => {
  const words = ['explain', 'http://cart/pay/42', '--kubeconfig', await startApi(t, () => undefined), '--from'];
  t.regex((await heddle(...words, 'shop/client')).out, /client +shop\/client on node node-z$/m);
  const missing = (await heddle(...words, 'shop/nobody')).out;
  t.regex(missing, /Note: Pod shop\/nobody does not exist, so it is not known on which node it runs/);
});

test('Who may not read pods is told what is not known by that', async (t) => {
  const config = await startApi(t, (resource) => (resource === 'pods' ? 403 : undefined));
  const { out, code } = await heddle('explain', 'http://cart/pay/42', '--from', 'shop/client', '--kubeconfig', config);
  t.is(code, 0);
  t.regex(out, /Note: you may not read Pod shop\/client, so it is not known on which node it runs/);
});
