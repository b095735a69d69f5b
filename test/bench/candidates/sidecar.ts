import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { roles } from '../../../cli/roles.ts';
import type { Environment, LabProcess } from '../../../lab/process.ts';
import { identityEnvironment, sidecarReady } from '../../../lab/programs.ts';
import { type BenchGround, backendPorts, cores, logTo, onCore } from '../ground.ts';
import { meshObjects, meshServices } from '../objects.ts';
import type { Candidate } from './candidate.ts';

/** How the sidecar is run in production. */
export const sidecarFlags = roles.sidecar.nodeFlags;
const sidecarEnvironment = roles.sidecar.environment;

const readyTimeoutMs = 20_000;

/** Our sidecar from dist/, with the real agent and the real redirection; one process serves every row. */
export function sidecarCandidate(
  row: keyof typeof meshServices,
  options: { readonly flags: readonly string[] },
): Candidate {
  return {
    name: 'heddle sidecar',
    needs: {},
    async start(ground) {
      const { pid } = await (running.get(ground) ?? startMesh(ground, options.flags));
      return { pid, ...meshServices[row] };
    },
  };
}

const running = new WeakMap<BenchGround, Promise<LabProcess>>();

function startMesh(ground: BenchGround, flags: readonly string[]): Promise<LabProcess> {
  const started = start(ground, flags);
  running.set(ground, started);
  return started;
}

async function start(ground: BenchGround, flags: readonly string[]): Promise<LabProcess> {
  const { namespace, sidecar, folder } = ground;
  const env: Environment = {
    ...identityEnvironment(sidecar),
    HEDDLE_SKIP_INBOUND_PORTS: Object.values(backendPorts).join(','),
  };
  const objects = path.join(folder, 'objects');
  await namespace.run({ command: ['mkdir', '-p', objects] });
  await writeFile(path.join(objects, 'mesh.yaml'), meshObjects());

  const init = await namespace.run({ command: program('init'), env });
  if (init.code !== 0) throw new Error(`heddle-init failed:\n${init.stdout}${init.stderr}`);
  const agent = namespace.start({ command: onCore(cores.rest, program('agent')), env: { HEDDLE_CONFIG_DIR: objects } });
  await agent.waitForLine((line) => line.includes('"Agent ready"'), readyTimeoutMs);
  const proxy = namespace.start({
    command: logTo(path.join(folder, 'sidecar.log'), onCore(cores.proxy, program('sidecar', flags))),
    env: {
      ...env,
      ...sidecarEnvironment,
      HEDDLE_AGENT_ADDRESS: '127.0.0.1:15010',
      HEDDLE_POD_NAMESPACE: 'bench',
      HEDDLE_POD_NAME: 'load',
    },
    ...(sidecar.type === 'uid' ? { uid: sidecar.uid } : {}),
  });
  await sidecarReady(namespace, readyTimeoutMs);
  return proxy;
}

function program(name: 'sidecar' | 'agent' | 'init', flags: readonly string[] = []): string[] {
  return [process.execPath, ...flags, path.resolve(import.meta.dirname, `../../../dist/${name}.mjs`)];
}
