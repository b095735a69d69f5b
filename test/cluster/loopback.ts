import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { Api } from '../../kubernetes/api.ts';
import { connectApi } from '../../kubernetes/connect.ts';

const run = promisify(execFile);

/** An etcd and an API server on free ports of 127.0.0.1, without nodes; both end with `stop`. */
export type LoopbackPlane = {
  readonly kubeconfig: string;
  /** As the administrator, over TLS with a client certificate. */
  readonly api: Api;
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  stop(): Promise<void>;
};

/** Where etcd and kube-apiserver are, or undefined. */
export async function findBinaries(): Promise<string | undefined> {
  for (const folder of [process.env['HEDDLE_TEST_BINARIES'], '/tmp/prewarm']) {
    if (folder === undefined) continue;
    const found = await access(path.join(folder, 'kube-apiserver')).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  return undefined;
}

export async function startLoopbackPlane(binaries: string): Promise<LoopbackPlane> {
  const folder = await mkdtemp(path.join(tmpdir(), 'heddle-plane-'));
  const [apiPort, etcdPort, peerPort] = [await freePort(), await freePort(), await freePort()];
  await issueCertificates(folder);
  const kubeconfig = path.join(folder, 'kubeconfig');
  await writeFile(kubeconfig, printKubeconfig(apiPort));
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  const start = async (name: string, flags: readonly string[]): Promise<ChildProcess> => {
    const log = await open(path.join(folder, `${name}.log`), 'a');
    const child = spawn(path.join(binaries, name), flags, { cwd: folder, stdio: ['ignore', log.fd, log.fd] });
    await once(child, 'spawn');
    await log.close();
    return child;
  };
  const etcd = await start('etcd', [
    '--data-dir=etcd',
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]);
  const flags = [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${apiPort}`,
    '--tls-cert-file=server.crt',
    '--tls-private-key-file=server.key',
    '--client-ca-file=ca.crt',
    '--service-account-key-file=ca.key',
    '--service-account-signing-key-file=ca.key',
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.96.0.0/12',
    '--authorization-mode=RBAC',
    '--max-mutating-requests-inflight=400',
  ];
  process.env['KUBECONFIG'] = kubeconfig;
  const api = await connectApi();
  let apiServer: ChildProcess | undefined;
  const plane: LoopbackPlane = {
    kubeconfig,
    api,
    async startApiServer() {
      apiServer = await start('kube-apiserver', flags);
      await waitForReady(api, folder);
    },
    async stopApiServer() {
      await end(apiServer);
      apiServer = undefined;
    },
    async stop() {
      await api.close();
      await end(apiServer);
      await end(etcd);
      await rm(folder, { recursive: true, force: true });
    },
  };
  await plane.startApiServer();
  return plane;
}

/** Applies the Gateway API's CRDs of one version (from the Go module cache) and waits until they are served. */
export async function installCrds(
  api: Api,
  options: { version: string; channel: string; only?: RegExp },
): Promise<void> {
  const { version, channel, only = /httproutes|referencegrants/ } = options;
  const { stdout } = await run('go', ['env', 'GOMODCACHE']);
  const module = path.join(stdout.trim(), `sigs.k8s.io/gateway-api@${version}`);
  await access(module).catch(() =>
    run('go', ['mod', 'download', `sigs.k8s.io/gateway-api@${version}`], { cwd: tmpdir() }),
  );
  const folder = path.join(module, 'config/crd', channel);
  for (const name of ['httproutes', 'referencegrants'].filter((plural) => only.test(plural))) {
    const text = await readFile(path.join(folder, `gateway.networking.k8s.io_${name}.yaml`), 'utf8');
    const documents = parseAllDocuments(text);
    if (!Array.isArray(documents)) continue;
    for (const document of documents) {
      const crd = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}.gateway.networking.k8s.io`;
      const query = { fieldManager: 'test', force: true };
      const body: unknown = document.toJS();
      await api.request({ method: 'PATCH', path: crd, query, body, contentType: 'application/apply-patch+yaml' });
    }
    await waitFor(`${name} to be served`, () => api.request({ path: `/apis/gateway.networking.k8s.io/v1/${name}` }));
  }
}

/** Tries until it does not reject; gives up after 30 s. */
export async function waitFor<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw new Error(`waited 30 s for ${what}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function waitForReady(api: Api, folder: string): Promise<void> {
  await waitFor('the API server', () => api.request({ path: '/api/v1/namespaces/default' })).catch(
    async (error: unknown) => {
      const log = await readFile(path.join(folder, 'kube-apiserver.log'), 'utf8');
      throw new Error(`the API server does not get ready:\n${log.slice(-2000)}`, { cause: error });
    },
  );
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function issueCertificates(folder: string): Promise<void> {
  const openssl = (...args: readonly string[]) => run('openssl', args, { cwd: folder });
  await openssl(...'req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=test-ca -days 2'.split(' '));
  await writeFile(path.join(folder, 'server.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  await writeFile(path.join(folder, 'admin.ext'), 'extendedKeyUsage=clientAuth');
  for (const [name, subject] of [
    ['server', '/CN=kube-apiserver'],
    ['admin', '/O=system:masters/CN=admin'],
  ] as const) {
    const request = `req -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr -subj ${subject}`;
    await openssl(...request.split(' '));
    const sign = `x509 -req -in ${name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out ${name}.crt -days 2 -extfile ${name}.ext`;
    await openssl(...sign.split(' '));
  }
}

function printKubeconfig(port: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': 'ca.crt' } }],
    users: [{ name: 'u', user: { 'client-certificate': 'admin.crt', 'client-key': 'admin.key' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  });
}
