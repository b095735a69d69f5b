import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { parseAllDocuments } from 'yaml';
import type { Api } from '../../kubernetes/api.ts';
import { connectApi } from '../../kubernetes/connect.ts';
import type { Credentials } from '../../kubernetes/credentials.ts';

/** An etcd and an API server on loopback, without nodes and controllers; both end with `close`. */
export type PlainApiServer = {
  readonly origin: string;
  /** A connection of its own with the rights of an administrator. */
  connect(origin?: string): Promise<Api>;
  close(): Promise<void>;
};

const binaries = process.env['HEDDLE_TEST_BINARIES'] ?? '/tmp/prewarm';
const crds = path.join(
  process.env['GOMODCACHE'] ?? path.join(homedir(), 'go/pkg/mod'),
  'sigs.k8s.io/gateway-api@v1.6.3/config/crd/experimental',
);

/** Why no API server can be started here, if so. */
export function whyNoApiServer(): string | undefined {
  const missing = [path.join(binaries, 'etcd'), path.join(binaries, 'kube-apiserver'), crds].find(
    (needed) => !existsSync(needed),
  );
  return missing === undefined ? undefined : `${missing} is missing`;
}

/** Starts both and installs the Gateway API's experimental channel; `without` leaves out CRDs by their plural. */
export async function startPlainApiServer(without: readonly string[] = []): Promise<PlainApiServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'heddle-apiserver-'));
  const [client = 0, peer = 0, secure = 0] = await findPorts(3);
  await execa('openssl', ['genrsa', '-out', path.join(folder, 'sa.key'), '2048']);
  await execa('openssl', ['rsa', '-in', path.join(folder, 'sa.key'), '-pubout', '-out', path.join(folder, 'sa.pub')]);
  await writeFile(path.join(folder, 'tokens.csv'), 'admin,admin,admin,system:masters\n', { mode: 0o600 });
  const etcd = run(folder, 'etcd', [
    `--data-dir=${path.join(folder, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]);
  const apiServer = run(folder, 'kube-apiserver', [
    `--etcd-servers=http://127.0.0.1:${client}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${secure}`,
    `--cert-dir=${path.join(folder, 'certificates')}`,
    `--service-account-key-file=${path.join(folder, 'sa.pub')}`,
    `--service-account-signing-key-file=${path.join(folder, 'sa.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--token-auth-file=${path.join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    // Needs the controllers that are not there.
    '--disable-admission-plugins=ServiceAccount',
  ]);
  const origin = `https://127.0.0.1:${secure}`;
  const connect = (at = origin): Promise<Api> => connectApi({ credentials: administrator(at) });
  async function close(): Promise<void> {
    await Promise.all([end(apiServer), end(etcd)]);
    await rm(folder, { recursive: true, force: true });
  }
  try {
    const api = await connect();
    await untilReady(api, apiServer);
    await installCrds(api, without);
    await api.close();
  } catch (error) {
    await close();
    throw error;
  }
  return { origin, connect, close };
}

function run(folder: string, program: string, flags: readonly string[]): ChildProcess {
  const log = openSync(path.join(folder, `${program}.log`), 'w');
  return spawn(path.join(binaries, program), flags, { stdio: ['ignore', log, log] });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function administrator(origin: string): Credentials {
  return {
    server: new URL(origin),
    serverName: undefined,
    verifyServer: false,
    namespace: undefined,
    readTls: () => Promise.resolve({}),
    headers: () => Promise.resolve({ authorization: 'Bearer admin' }),
  };
}

async function untilReady(api: Api, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`kube-apiserver ended with ${child.exitCode}`);
    // The default namespace is made last.
    if (
      await api.request({ path: '/api/v1/namespaces/default' }).then(
        () => true,
        () => false,
      )
    )
      return;
    await sleep(200);
  }
}

async function installCrds(api: Api, without: readonly string[]): Promise<void> {
  const names = (await readdir(crds)).filter((name) => /^gateway\.networking.*s\.yaml$/.test(name));
  const wanted = names.filter((name) => !name.includes('_vap_') && !without.some((plural) => name.includes(plural)));
  const texts = await Promise.all(wanted.map((name) => readFile(path.join(crds, name), 'utf8')));
  const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const objects = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as unknown));
  await Promise.all(objects.map((body) => api.request({ method: 'POST', path: collection, body })));
  const served = '/apis/gateway.networking.k8s.io/v1/httproutes';
  while (
    !(await api.request({ path: served }).then(
      () => true,
      () => false,
    ))
  )
    await sleep(100);
}

async function findPorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
