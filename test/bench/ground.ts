import { chmod } from 'node:fs/promises';
import { sourceAddress } from '../../contract/sourceAddress.ts';
import { type NetworkNamespace, openNamespace } from '../../lab/namespace.ts';
import { heddleCommand } from '../../lab/programs.ts';
import { checkGround, type SidecarIdentity } from '../../lab/requirements.ts';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';

/** The core of the proxy that is measured, and that of everything else. */
export const cores = { proxy: 0, rest: 1 } as const;

/** The pod's own address, where the backends are reached. */
export const podAddress = '10.244.0.2';
export const backendPorts = {
  http: 8080,
  post: 8081,
  large: 8082,
  websocket: 8083,
  latency: 8084,
  slow: 8085,
  http2: 8086,
  http2Stream: 8087,
  rpc: 8088,
  tcp: 9000,
  stuck: 7000,
  sink: 7001,
} as const;

export type BackendName = keyof typeof backendPorts;

/** How big the responses of the backends are that answer with large ones, in bytes. */
export const responseBytes = { large: 102_400, slow: 2_097_152, http2Stream: 1_073_741_824 } as const;

/** The program behind each port, with what it is told besides; those of `latency` and `rpc` are part of the load, `stuck` and `sink` are started by who needs them. */
const backendPrograms = {
  http: ['respond.ts'],
  post: ['receive.ts'],
  large: ['respond.ts', `${responseBytes.large}`],
  websocket: ['echo.ts'],
  latency: undefined,
  slow: ['respond.ts', `${responseBytes.slow}`],
  http2: ['respondHttp2.ts'],
  http2Stream: ['streamHttp2.ts', `${responseBytes.http2Stream}`],
  rpc: undefined,
  tcp: ['source.ts'],
  stuck: undefined,
  sink: undefined,
} as const satisfies Readonly<Record<BackendName, readonly [string, ...string[]] | undefined>>;

/** One network namespace with nothing but the bench in it, so that nobody else owns a port. */
export type BenchGround = {
  readonly namespace: NetworkNamespace;
  readonly sidecar: SidecarIdentity;
  /** For configuration and logs; every uid may write here. */
  readonly folder: string;
  /** Sends connections to an address and port to a port of ours, as heddle-init's rules do for the sidecar; those of sidecars to their own apps are left alone. */
  readonly redirect: (from: { readonly address: string; readonly port: number }, toPort: number) => Promise<void>;
  close(): Promise<void>;
};

/** Makes the namespace and starts these backends. Throws with what is missing. */
export async function openGround(backends: readonly BackendName[] = ['http', 'tcp']): Promise<BenchGround> {
  const checked = await checkGround();
  if (!checked.ok) throw new Error(checked.problems.join('\n'));
  const { access, sidecar } = checked.ground;
  const namespace = await openNamespace(access, 'bench/pod');
  const folder = temporaryFolder('heddle-bench-');
  await chmod(folder, 0o777);
  const must = async (...command: string[]): Promise<void> => {
    const { code, stderr } = await namespace.run({ command });
    if (code !== 0) throw new Error(`${command.join(' ')} failed: ${stderr.trim()}`);
  };
  await must('ip', 'link', 'set', 'lo', 'up');
  // Routes to the ClusterIPs need a device; nothing ever leaves by it.
  await must('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
  await must('ip', 'address', 'add', `${podAddress}/32`, 'dev', 'eth0');
  await must('ip', 'link', 'set', 'eth0', 'up');
  await must('ip', 'route', 'add', 'default', 'dev', 'eth0');
  await must('sh', '-c', manyConnections);
  for (const name of backends) await startBackend(namespace, name);
  return {
    namespace,
    sidecar,
    folder,
    redirect: ({ address, port }, toPort) =>
      must(
        ...`iptables -t nat -I OUTPUT -p tcp ! -s ${sourceAddress[4]} -d ${address} --dport ${port}`.split(' '),
        ...`-j REDIRECT --to-ports ${toPort}`.split(' '),
      ),
    close: () => namespace.close(),
  };
}

/** A connection that ended leaves its port and its tracking soon, so that a row can open 20,000 a second. */
const manyConnections = [
  'echo 1024 65535 > /proc/sys/net/ipv4/ip_local_port_range',
  'echo 1 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_time_wait',
  'echo 1 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close',
].join('; ');

async function startBackend(namespace: NetworkNamespace, name: BackendName): Promise<void> {
  const [program, ...args] = backendPrograms[name] ?? [];
  if (program === undefined) return;
  const own = heddleCommand(`test/bench/programs/${program}`, `${backendPorts[name]}`, ...args);
  await namespace.start({ command: onCore(cores.rest, own) }).waitForLine((line) => line === 'listening', 20_000);
}

/** The command, held on one core. */
export function onCore(core: number, command: readonly string[]): string[] {
  return ['taskset', '--cpu-list', String(core), ...command];
}

/** The command with its standard output in a file; the process keeps its pid. */
export function logTo(file: string, command: readonly string[]): string[] {
  return ['sh', '-c', 'file=$1; shift; exec "$@" > "$file"', 'sh', file, ...command];
}
