import { chmod } from 'node:fs/promises';
import { type NetworkNamespace, openNamespace } from '../../lab/namespace.ts';
import { heddleCommand } from '../../lab/programs.ts';
import { checkGround, type SidecarIdentity } from '../../lab/requirements.ts';
import { temporaryFolder } from '../../lab/temporaryFolder.ts';

/** The core of the proxy that is measured, and that of everything else. */
export const cores = { proxy: 0, rest: 1 } as const;

/** The pod's own address, where the backends are reached. */
export const podAddress = '10.244.0.2';
/** `stuck` and `sink` are started by those who need them. */
export const backendPorts = { http: 8080, tcp: 9000, stuck: 7000, sink: 7001 } as const;

/** One network namespace with nothing but the bench in it, so that nobody else owns a port. */
export type BenchGround = {
  readonly namespace: NetworkNamespace;
  readonly sidecar: SidecarIdentity;
  /** For configuration and logs; every uid may write here. */
  readonly folder: string;
  /** Sends connections to an address and port to a port of ours, as heddle-init's rules do for the sidecar. */
  readonly redirect: (from: { readonly address: string; readonly port: number }, toPort: number) => Promise<void>;
  close(): Promise<void>;
};

/** Makes the namespace and starts the backends. Throws with what is missing. */
export async function openGround(): Promise<BenchGround> {
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
  await startBackend(namespace, 'respond.ts', backendPorts.http);
  await startBackend(namespace, 'source.ts', backendPorts.tcp);
  return {
    namespace,
    sidecar,
    folder,
    redirect: ({ address, port }, toPort) =>
      must(
        ...`iptables -t nat -I OUTPUT -p tcp -d ${address} --dport ${port} -j REDIRECT --to-ports ${toPort}`.split(' '),
      ),
    close: () => namespace.close(),
  };
}

async function startBackend(namespace: NetworkNamespace, program: string, port: number): Promise<void> {
  const command = onCore(cores.rest, heddleCommand(`test/bench/programs/${program}`, String(port)));
  await namespace.start({ command }).waitForLine((line) => line === 'listening', 20_000);
}

/** The command, held on one core. */
export function onCore(core: number, command: readonly string[]): string[] {
  return ['taskset', '--cpu-list', String(core), ...command];
}

/** The command with its standard output in a file; the process keeps its pid. */
export function logTo(file: string, command: readonly string[]): string[] {
  return ['sh', '-c', 'file=$1; shift; exec "$@" > "$file"', 'sh', file, ...command];
}
