import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sidecarUid } from '../contract/containers.ts';
import { type Access, asUid } from './namespace.ts';
import { type Ran, runProcess } from './process.ts';

/** How sidecars are told apart from their apps: by their own uid, or by a mark where no other uid can be had. */
export type SidecarIdentity =
  | { readonly type: 'uid'; readonly uid: number }
  | { readonly type: 'mark'; readonly mark: number };

/** What this machine allows; `note` says why the mark is used, where root would rather have the uid. */
export type Ground = {
  readonly access: Access;
  readonly sidecar: SidecarIdentity;
  readonly note?: string;
};

const packages = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  ip: 'iproute2',
  'iptables-restore': 'iptables',
  'ip6tables-restore': 'iptables',
  curl: 'curl',
} as const;

const sidecarMark = 1337;

/** Whether pods can be made here; every problem names the command that solves it. */
export async function checkGround(): Promise<
  { readonly ok: true; readonly ground: Ground } | { readonly ok: false; readonly problems: readonly string[] }
> {
  const missing = await missingPackages();
  if (missing.length > 0) {
    return { ok: false, problems: [`Missing programs. Install them: sudo apt-get install ${missing.join(' ')}`] };
  }
  if ((await read('/proc/net/if_inet6')) === '') {
    return { ok: false, problems: ['IPv6 is off. Turn it on: sudo sysctl -w net.ipv6.conf.all.disable_ipv6=0'] };
  }
  if (process.getuid?.() === 0) {
    const probe = await probeNamespace(['--net']);
    if (probe.code === 0) return { ok: true, ground: await rootGround() };
  }
  const probe = await probeNamespace(['--user', '--map-root-user', '--net']);
  if (probe.code === 0) return { ok: true, ground: { access: 'user', sidecar: { type: 'mark', mark: sidecarMark } } };
  return { ok: false, problems: await whyNoNamespace(probe) };
}

/** A namespace is only good for us if its links can be changed, which some systems refuse. */
function probeNamespace(options: readonly string[]): Promise<Ran> {
  return runProcess(['unshare', ...options, 'ip', 'link', 'set', 'lo', 'up']);
}

/** Debian's packages whose programs are not here. */
export async function missingPackages(): Promise<string[]> {
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(packages)) {
    const found = await runProcess(['sh', '-c', `command -v ${program}`]);
    if (found.code !== 0) missing.add(name);
  }
  return [...missing];
}

/** As root the sidecar runs as its own uid, as in Kubernetes, if that uid can be had and can read this directory. */
async function rootGround(): Promise<Ground> {
  const self = fileURLToPath(import.meta.url);
  const readSelf = ['-e', 'require("node:fs").readFileSync(process.argv[1])', self];
  const probe = await runProcess(['setpriv', ...asUid(sidecarUid), process.execPath, ...readSelf]);
  if (probe.code === 0) return { access: 'root', sidecar: { type: 'uid', uid: sidecarUid } };
  const note = `uid ${sidecarUid} cannot run ${process.execPath}: sidecars run as root and are known by a mark`;
  return { access: 'root', sidecar: { type: 'mark', mark: sidecarMark }, note };
}

async function whyNoNamespace(probe: Ran): Promise<string[]> {
  const problems: string[] = [];
  const said = probe.stderr.trim();
  const refusals = [
    { file: 'kernel/unprivileged_userns_clone', refused: '0', allow: '1' },
    { file: 'kernel/apparmor_restrict_unprivileged_userns', refused: '1', allow: '0' },
    { file: 'user/max_user_namespaces', refused: '0', allow: '10000' },
  ];
  for (const { file, refused, allow } of refusals) {
    if ((await read(`/proc/sys/${file}`)) !== refused) continue;
    const name = file.replaceAll('/', '.');
    problems.push(`${name} is ${refused}. Allow user namespaces: sudo sysctl -w ${name}=${allow}`);
  }
  if (process.getuid?.() === 0) {
    problems.push(`root may not make network namespaces here (${said}). In a container: start it with --privileged`);
  } else {
    problems.push(
      `No namespaces for an ordinary user (${said}). Run it as root: sudo env "PATH=$PATH" npm run demo, or npm test`,
    );
  }
  return problems;
}

async function read(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(() => '')).trim();
}
