import { sidecarUid } from '../../contract/containers.ts';
import type { Architecture } from './architecture.ts';

/** The Debian release that the image's C library and iptables come from. */
export const suite = 'bookworm';

/** What is asked of apt; the rest follows from dependencies. */
export const requested = ['base-files', 'iptables', 'iproute2', 'libatomic1', 'libstdc++6'];

/** The packages of which the image carries files: their licences and their entries in dpkg's status go along. */
export const packages = [
  'base-files',
  'gcc-12-base',
  'iproute2',
  'iptables',
  'libatomic1',
  'libbpf1',
  'libbsd0',
  'libc6',
  'libcap2',
  'libelf1',
  'libgcc-s1',
  'libip4tc2',
  'libip6tc2',
  'libmd0',
  'libmnl0',
  'libnetfilter-conntrack3',
  'libnfnetlink0',
  'libnftnl11',
  'libstdc++6',
  'libxtables12',
  'zlib1g',
];

/**
 * The files that are taken from Debian, as GNU tar's wildcards: `ip` and both iptables with what they and Node are
 * linked with, no shell and no package manager.
 */
export function wantedFiles({ triple, loader }: Architecture): string[] {
  const libraries =
    'c m dl pthread rt resolv gcc_s stdc++ atomic xtables ip4tc ip6tc mnl nftnl netfilter_conntrack nfnetlink bpf elf z bsd md cap'.split(
      ' ',
    );
  return [
    './bin',
    './sbin',
    './lib',
    './etc/debian_version',
    './etc/os-release',
    './usr/lib/os-release',
    './usr/bin/ip',
    './usr/sbin/xtables-legacy-multi',
    './usr/sbin/xtables-nft-multi',
    './usr/sbin/ip*tables-legacy*',
    './usr/sbin/ip*tables-nft*',
    ...loader,
    ...libraries.map((name) => `./usr/lib/${triple}/lib${name}.so.*`),
    // What libelf.so.1 is a link to; all others keep their name.
    `./usr/lib/${triple}/libelf-*.so`,
    // Rules of others in the nat table must be printed and kept whatever they match, so none is left out.
    `./usr/lib/${triple}/xtables/libxt_*.so`,
    `./usr/lib/${triple}/xtables/libipt_*.so`,
    `./usr/lib/${triple}/xtables/libip6t_*.so`,
    './usr/share/common-licenses',
    ...packages.map((name) => `./usr/share/doc/${name}`),
  ];
}

/** What no container needs of the folders above. */
export const unwantedFiles = [
  '*/usr/share/doc/*/*changelog*',
  '*/usr/share/doc/*/NEWS*',
  '*/usr/share/doc/*/README*',
  '*/usr/share/doc/*/examples',
];

/** Small files of our own. `/run/xtables.lock` is there so that legacy iptables can lock it on a read-only root. */
export const ownFiles: Readonly<Record<string, string>> = {
  'etc/passwd': `root:x:0:0:root:/:/sbin/nologin\nheddle:x:${sidecarUid}:${sidecarUid}:heddle:/:/sbin/nologin\n`,
  'etc/group': `root:x:0:\nheddle:x:${sidecarUid}:\n`,
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  'run/xtables.lock': '',
};

/** Folders that a container's runtime mounts over. */
export const emptyFolders = ['dev', 'proc', 'sys', 'tmp'];
