import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tryRun } from './process/run.ts';

/** The Debian package of each program that the cluster needs. */
const packages = {
  containerd: 'containerd',
  ctr: 'containerd',
  'containerd-shim-runc-v2': 'containerd',
  runc: 'runc',
  umoci: 'umoci',
  skopeo: 'skopeo',
  mmdebstrap: 'mmdebstrap',
  iptables: 'iptables',
  nft: 'nftables',
  conntrack: 'conntrack',
  ip: 'iproute2',
  nsenter: 'util-linux',
  mount: 'mount',
  setpriv: 'util-linux',
  curl: 'curl',
  openssl: 'openssl',
  gcc: 'gcc',
} as const;

const cniFolder = '/usr/lib/cni';
const leastGo = 26;

/** What keeps the cluster from running here; each problem names what solves it. */
export async function findProblems(): Promise<string[]> {
  if (process.getuid?.() !== 0)
    return ['The test cluster needs root. Run it as root: sudo env "PATH=$PATH" npm run cluster:up'];
  const missing = new Set<string>();
  await Promise.all(
    Object.entries(packages).map(async ([program, name]) => {
      if (!(await tryRun(['sh', '-c', `command -v ${program}`])).ok) missing.add(name);
    }),
  );
  if (!existsSync(`${cniFolder}/ptp`)) missing.add('containernetworking-plugins');
  if (!existsSync('/usr/include/stdlib.h')) missing.add('libc6-dev');
  if (!existsSync('/usr/share/keyrings/debian-archive-keyring.gpg')) missing.add('debian-archive-keyring');
  const problems: string[] = [];
  if (missing.size > 0) {
    const names = [...missing].toSorted().join(' ');
    problems.push(`Missing programs. Install them: apt-get install --no-install-recommends ${names}`);
  }
  const go = await tryRun(['go', 'env', 'GOVERSION']);
  const minor = Number(/^go1\.(\d+)/.exec(go.stdout)?.[1] ?? 0);
  if (minor < leastGo) {
    const found = go.ok ? `there is ${go.stdout.trim()}` : 'there is none';
    problems.push(
      `Go 1.${leastGo} or newer is needed, ${found}. Install it from https://go.dev/dl/ into /usr/local/go`,
    );
  }
  if ((await readFile('/proc/net/if_inet6', 'utf8').catch(() => '')) === '') {
    problems.push('IPv6 is off. Turn it on: sysctl -w net.ipv6.conf.all.disable_ipv6=0');
  }
  return problems;
}
