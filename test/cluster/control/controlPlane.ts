import { join } from 'node:path';
import { type Component, startAndWait } from '../process/component.ts';
import { tryRun } from '../process/run.ts';
import { type Pki, writeKubeconfig } from './pki.ts';

/** An etcd and an API server, and where they listen. */
export type ControlPlane = {
  readonly folder: string;
  readonly pki: Pki;
  readonly binaries: { readonly kubernetes: string; readonly etcd: string };
  readonly address: string;
  readonly ports: { readonly apiServer: number; readonly etcd: number; readonly etcdPeers: number };
  readonly services: string;
  /** The network namespace; that of the caller when left out. */
  readonly network?: string;
  /** Words before each command. */
  readonly prefix?: readonly string[];
  readonly apiServerFlags: readonly string[];
};

/** The address of the API server. */
export function apiServerUrl({ address, ports }: ControlPlane): string {
  return `https://${address}:${ports.apiServer}`;
}

/** Issues what the API server and the administrator need; gives the administrator's kubeconfig. */
export async function prepare(plane: ControlPlane, names: readonly string[]): Promise<string> {
  const { pki, address } = plane;
  const ips = ['127.0.0.1', address, ...names.filter((name) => /^[\d.]+$/.test(name))];
  const hosts = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  await pki.issue('apiserver', {
    user: 'kube-apiserver',
    serves: [
      ...hosts.map((value) => ({ type: 'dns', value }) as const),
      ...new Set(ips).values().map((value) => ({ type: 'ip', value }) as const),
    ],
  });
  await pki.issue('apiserver-kubelet-client', { user: 'kube-apiserver-kubelet-client', group: 'system:masters' });
  await pki.issue('admin', { user: 'kubernetes-admin', group: 'system:masters' });
  return writeKubeconfig(pki, 'admin', apiServerUrl(plane));
}

/** Starts etcd, then the API server, and waits until both serve. */
export async function startEtcd(plane: ControlPlane): Promise<void> {
  const health = ['curl', '-sf', '-m', '2', '--noproxy', '*', `http://127.0.0.1:${plane.ports.etcd}/health`];
  await startAndWait(etcd(plane), 60_000, async () => (await tryRun(health, inside(plane))).ok);
}

/** Starts the API server, whose etcd must serve, and waits until it is ready. */
export async function startApiServer(plane: ControlPlane): Promise<void> {
  await startAndWait(apiServer(plane), 120_000, () => apiServerReady(plane));
}

/** Whether the API server says that it is ready, asked as the administrator. */
export async function apiServerReady(plane: ControlPlane): Promise<boolean> {
  const { pki } = plane;
  const identity = ['--cacert', pki.file('ca.crt'), '--cert', pki.file('admin.crt'), '--key', pki.file('admin.key')];
  const ask = ['curl', '-sf', '-m', '2', '--noproxy', '*', ...identity, `${apiServerUrl(plane)}/readyz`];
  return (await tryRun(ask, inside(plane))).ok;
}

function etcd({ ports, ...plane }: ControlPlane): Component {
  const clients = `http://127.0.0.1:${ports.etcd}`;
  const peers = `http://127.0.0.1:${ports.etcdPeers}`;
  return component(plane, 'etcd', [
    join(plane.binaries.etcd, 'etcd'),
    `--data-dir=${join(plane.folder, 'etcd')}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]);
}

function apiServer(plane: ControlPlane): Component {
  const { pki, address, ports } = plane;
  return component(plane, 'kube-apiserver', [
    join(plane.binaries.kubernetes, 'kube-apiserver'),
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    `--bind-address=${address}`,
    `--secure-port=${ports.apiServer}`,
    `--tls-cert-file=${pki.file('apiserver.crt')}`,
    `--tls-private-key-file=${pki.file('apiserver.key')}`,
    `--client-ca-file=${pki.file('ca.crt')}`,
    `--kubelet-certificate-authority=${pki.file('ca.crt')}`,
    `--kubelet-client-certificate=${pki.file('apiserver-kubelet-client.crt')}`,
    `--kubelet-client-key=${pki.file('apiserver-kubelet-client.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--service-account-key-file=${pki.file('sa.pub')}`,
    `--service-account-signing-key-file=${pki.file('sa.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--api-audiences=https://kubernetes.default.svc',
    `--service-cluster-ip-range=${plane.services}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--allow-privileged',
    '--profiling=false',
    ...plane.apiServerFlags,
  ]);
}

function component(plane: Omit<ControlPlane, 'ports'>, name: string, command: readonly string[]): Component {
  const { folder, prefix = [] } = plane;
  return { name, folder, command: [...prefix, ...command], ...inside(plane) };
}

function inside({ network }: Pick<ControlPlane, 'network'>): { readonly network?: string } {
  return network === undefined ? {} : { network };
}
