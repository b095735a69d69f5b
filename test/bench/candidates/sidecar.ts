import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { roles } from '../../../cli/roles.ts';
import type { Environment, LabProcess } from '../../../lab/process.ts';
import { identityEnvironment, sidecarReady } from '../../../lab/programs.ts';
import type { MemoryCgroup } from '../../memoryCgroup.ts';
import { type BenchGround, backendPorts, cores, logTo, onCore } from '../ground.ts';
import { meshObjects, type MeshServices, type ServiceName } from '../objects.ts';
import type { Candidate } from './candidate.ts';

/** How the sidecar is run in production. */
export const sidecarFlags = roles.sidecar.nodeFlags;
const sidecarEnvironment = roles.sidecar.environment;

const readyTimeoutMs = 60_000;

/** A bundle of the sidecar, and what keeps it apart from another one on the same ground. */
export type Bundle = {
  readonly name: string;
  /** The folder with sidecar.mjs, agent.mjs and init.mjs. */
  readonly dist: string;
  readonly flags: readonly string[];
  readonly services: MeshServices;
  /** What else the agent reads, as YAML. */
  readonly more?: string;
  /** What is added to Heddle's default ports. With 0, connections are redirected by the bundle's own heddle-init. */
  readonly portOffset: number;
  /** Settings of the sidecar, where they are not the defaults. */
  readonly settings?: Environment;
  /** The cgroup that the sidecar runs in, where it has one. */
  readonly inside?: MemoryCgroup;
};

/** Our sidecar from a bundle, with its own agent and real redirection; one process serves all of its Services. */
export function sidecarCandidates(bundle: Bundle): (service: ServiceName, name?: string) => Candidate {
  const running = new WeakMap<BenchGround, Promise<LabProcess>>();
  return (service, name = bundle.name) => ({
    name,
    needs: {},
    async start(ground) {
      const started = running.get(ground) ?? startMesh(ground, bundle);
      running.set(ground, started);
      const { pid } = await started;
      const { address, port } = bundle.services[service];
      return { pid, address, port };
    },
  });
}

async function startMesh(ground: BenchGround, bundle: Bundle): Promise<LabProcess> {
  const { namespace, sidecar, folder } = ground;
  const { inside } = bundle;
  const port = (number: number): string => `${number + bundle.portOffset}`;
  const objects = path.join(folder, `objects-${bundle.portOffset}`);
  await namespace.run({ command: ['mkdir', '-p', objects] });
  await writeFile(path.join(objects, 'mesh.yaml'), meshObjects(bundle.services));
  if (bundle.more !== undefined) await writeFile(path.join(objects, 'more.yaml'), bundle.more);

  await redirect(ground, bundle);
  const discoveryAddress = `127.0.0.1:${port(15_010)}`;
  const agent = namespace.start({
    command: onCore(cores.rest, program(bundle, 'agent')),
    env: { HEDDLE_CONFIG_DIR: objects, HEDDLE_DISCOVERY_ADDRESS: discoveryAddress },
  });
  await agent.waitForLine((line) => line.includes('"Agent ready"'), readyTimeoutMs);
  const log = path.join(folder, `sidecar-${bundle.portOffset}.log`);
  const command = logTo(log, onCore(cores.proxy, program(bundle, 'sidecar')));
  const proxy = namespace.start({
    command: inside?.waitInside(command) ?? command,
    env: {
      ...identityEnvironment(sidecar),
      ...sidecarEnvironment,
      ...bundle.settings,
      HEDDLE_AGENT_ADDRESS: discoveryAddress,
      HEDDLE_OUTBOUND_PORT: port(15_001),
      HEDDLE_INBOUND_PORT: port(15_006),
      HEDDLE_ADMIN_PORT: port(15_000),
      HEDDLE_METRICS_PORT: port(15_020),
      HEDDLE_READY_PORT: port(15_021),
      HEDDLE_POD_NAMESPACE: 'bench',
      HEDDLE_POD_NAME: 'load',
    },
    ...(sidecar.type === 'uid' ? { uid: sidecar.uid } : {}),
  });
  await inside?.add(proxy);
  await sidecarReady(namespace, readyTimeoutMs, Number(port(15_021)));
  return proxy;
}

/** heddle-init knows one sidecar per pod, so a second one gets the Services of its own and nothing else. */
async function redirect(ground: BenchGround, bundle: Bundle): Promise<void> {
  const { namespace, sidecar } = ground;
  if (bundle.portOffset > 0) {
    for (const at of Object.values(bundle.services)) await ground.redirect(at, 15_001 + bundle.portOffset);
    return;
  }
  const skip = Object.values(backendPorts).join(',');
  const env: Environment = { ...identityEnvironment(sidecar), HEDDLE_SKIP_INBOUND_PORTS: skip };
  const init = await namespace.run({ command: [process.execPath, path.join(bundle.dist, 'init.mjs')], env });
  if (init.code !== 0) throw new Error(`heddle-init failed:\n${init.stdout}${init.stderr}`);
}

function program(bundle: Bundle, name: 'sidecar' | 'agent'): string[] {
  const flags = name === 'sidecar' ? bundle.flags : [];
  return [process.execPath, ...flags, path.join(bundle.dist, `${name}.mjs`)];
}
