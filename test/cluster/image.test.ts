import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { execa } from 'execa';
import manifest from '../../package.json' with { type: 'json' };
import { roles } from '../../cli/roles.ts';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';
import { ownArchitecture } from '../../build/image/architecture.ts';

// Needs root, and the Debian packages mmdebstrap and binutils besides those of README.md.
const project = path.resolve(import.meta.dirname, '../..');
const archive = path.join(project, `dist/image/heddle-${manifest.version}-${ownArchitecture().name}.tar`);
const folder = temporaryFolder('heddle-image-test-');
const root = path.join(folder, 'root');

test.before('the image is built and its layers are laid over each other', async () => {
  await build();
  await execa`tar -xf ${archive} -C ${folder}`;
  mkdirSync(root);
  for (const layer of described().Layers) await execa`tar -xf ${path.join(folder, layer)} -C ${root}`;
});

function build() {
  return execa({ cwd: project, env: { HEDDLE_REVISION: 'test' } })`${process.execPath} build/image.ts`;
}

function described(): {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
} {
  return JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'))[0];
}

/** Runs a shell script in a network namespace where the image lies read-only at $1; `in_image` runs a command in it. */
function inImage(script: string) {
  const prelude = [
    'set -e; root=$1',
    'mount --bind "$root" "$root"; mount -o remount,bind,ro "$root"; mount -t proc proc "$root/proc"',
    'ip link set lo up',
    'in_image() { chroot "$root" "$@"; }',
  ].join('\n');
  return execa({ reject: false, all: true })`unshare --net --mount sh -c ${`${prelude}\n${script}`} sh ${root}`;
}

test('the image starts as 1337 with the dispatcher and says what it is', (t) => {
  const { Config, RepoTags } = described();
  const { config } = JSON.parse(readFileSync(path.join(folder, Config), 'utf8'));
  t.deepEqual(RepoTags, [`heddle:${manifest.version}`]);
  t.is(config.User, '1337:1337');
  t.deepEqual(config.Entrypoint, ['/usr/local/bin/heddle']);
  t.is(config.Labels['org.opencontainers.image.version'], manifest.version);
  t.is(config.Labels['org.opencontainers.image.revision'], 'test');
});

test('building it again gives the same bytes', async (t) => {
  const before = await execa`sha256sum ${archive}`;
  await build();
  const after = await execa`sha256sum ${archive}`;
  t.is(after.stdout, before.stdout);
});

test('version, help, and an unknown role', async (t) => {
  const version = await inImage('in_image /usr/local/bin/heddle version');
  t.true(version.stdout.startsWith(`heddle ${manifest.version} (Node v26.`), version.all);
  const help = await inImage('in_image /usr/local/bin/heddle help');
  for (const role of Object.keys(roles)) t.regex(help.stdout, new RegExp(`^  ${role} `, 'm'));
  const unknown = await inImage('in_image /usr/local/bin/heddle gateway');
  t.is(unknown.exitCode, 2);
  t.regex(unknown.stderr, /unknown command 'gateway'\nheddle help has all commands/);
});

test('every program in it finds its libraries', async (t) => {
  const programs = [
    '/usr/bin/ip',
    '/usr/local/bin/node',
    '/usr/sbin/xtables-nft-multi',
    '/usr/sbin/xtables-legacy-multi',
  ];
  const list = await inImage(programs.map((file) => `in_image ${loader()} --list ${file}`).join('\n'));
  t.is(list.exitCode, 0, list.all);
  t.notRegex(list.all, /not found/);
});

function loader(): string {
  return `/${path.posix.normalize(ownArchitecture().loader.at(-1) ?? '')}`;
}

for (const backend of ['nft', 'legacy']) {
  test(`heddle init redirects with iptables-${backend} on a read-only root, and takes it back`, async (t) => {
    const ran = await inImage(`
      if [ ${backend} = legacy ]; then
        in_image /usr/sbin/iptables-legacy -t nat -L -n > /dev/null
        in_image /usr/sbin/ip6tables-legacy -t nat -L -n > /dev/null
      fi
      in_image /usr/local/bin/heddle init
      in_image /usr/sbin/iptables-${backend}-save -t nat
      in_image /usr/sbin/ip6tables-${backend}-save -t nat
      in_image /usr/bin/ip -6 addr show dev lo
      in_image /usr/local/bin/heddle init --remove
      echo removed
      in_image /usr/sbin/iptables-${backend}-save -t nat
    `);
    t.is(ran.exitCode, 0, ran.all);
    const [applied = '', removed = ''] = ran.stdout.split(/^removed$/m);
    t.regex(applied, new RegExp(`"backend":"iptables-${backend}"[^]*"backend":"ip6tables-${backend}"`));
    t.is(applied.match(/REDIRECT --to-ports 15001/g)?.length, 2, applied);
    t.regex(applied, /inet6 ::6\/128/);
    t.notRegex(removed, /REDIRECT/);
  });
}

test('heddle sidecar runs as 1337 with the options and the environment of its role', async (t) => {
  const ran = await inImage(`
    chroot --userspec=1337:1337 "$root" /usr/local/bin/heddle sidecar < /dev/null > /dev/null 2>&1 & pid=$!
    for attempt in $(seq 100); do
      curl -s -o /dev/null http://127.0.0.1:15021/ready && break
      sleep 0.1
    done
    tr '\\0' ' ' < /proc/$pid/cmdline; echo
    tr '\\0' '\\n' < /proc/$pid/environ | grep -E '^(MALLOC|UV)' | sort
    grep -E '^(Uid|CapEff)' /proc/$pid/status
    kill $pid; wait $pid; echo ended $?
  `);
  t.regex(
    ran.stdout,
    new RegExp(`node ${roles.sidecar.nodeFlags.join(' ')} /usr/local/lib/heddle/sidecar.mjs`),
    ran.all,
  );
  t.regex(ran.stdout, /MALLOC_ARENA_MAX=1\nUV_THREADPOOL_SIZE=1\nUid:\t1337.*\nCapEff:\t0+\n/);
  t.regex(ran.stdout, /ended 0$/);
});

test('the licences and a record of the packages are there, no shell and no source map', async (t) => {
  const { stdout } = await execa`find ${root} -type f -printf %P\\n`;
  const files = stdout.split('\n');
  t.true(files.includes('usr/local/share/doc/node/LICENSE'));
  t.true(files.includes('usr/local/share/doc/heddle/THIRD-PARTY-LICENSES'));
  t.false(files.some((file) => file.endsWith('.map') || file.endsWith('/sh')));
  const status = readFileSync(path.join(root, 'var/lib/dpkg/status'), 'utf8');
  t.regex(status, /^Package: libc6\nStatus: install ok installed\n(?:.+\n)*Version: 2/m);
  const bill = JSON.parse(readFileSync(path.join(root, 'usr/local/share/doc/heddle/sbom.cdx.json'), 'utf8'));
  t.true(bill.components.some(({ name }: { readonly name: string }) => name === '@grpc/grpc-js'));
});
