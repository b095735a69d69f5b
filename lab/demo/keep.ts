import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ports } from '../../contract/ports.ts';
import { findHolder } from '../findHolder.ts';
import { enterCommand } from '../namespace.ts';
import { labEnvironment } from '../process.ts';
import { requestLines, sentence } from './explain.ts';
import type { Mesh } from './mesh.ts';
import { aside, heading, row } from './print.ts';

/** Prints how to play with the mesh, then every request as the sidecars on both sides explain it. Never returns. */
export async function keepMesh(mesh: Mesh): Promise<never> {
  heading('The mesh stays up until Ctrl-C. In another terminal:');
  row('call', 'npm run demo -- --in client curl http://10.96.0.10/cart');
  row('shell', 'npm run demo -- --in client bash');
  row('routes', `npm run demo -- --in client curl http://127.0.0.1:${ports.admin}/config`);
  row('metrics', `npm run demo -- --in client curl http://127.0.0.1:${ports.metrics}/metrics`);
  row('edit', join(mesh.folder, 'routes.yaml'));
  row('pods', ['node', ...mesh.pods.keys()].join(', '));
  heading('Requests as the sidecar of client and, inbound, that of the called pod log them, and what the agent says:');
  // The story's last lines are still on their way from the sidecar's buffer.
  await sleep(200);
  const seen = new Map([...mesh.pods].map(([name, { sidecar }]) => [name, sidecar.lines.length]));
  let agentLine = mesh.agent.lines.length;
  for (;;) {
    for (const [name, { sidecar }] of mesh.pods) {
      const from = seen.get(name) ?? 0;
      seen.set(name, sidecar.lines.length);
      for (const line of requestLines(sidecar, from)) {
        const print = line.direction === 'inbound' ? aside : row;
        print(name, `${line.method} ${line.path}: ${sentence(line)}`);
      }
    }
    for (const line of mesh.agent.lines.slice(agentLine)) row('agent', line);
    agentLine = mesh.agent.lines.length;
    await sleep(100);
  }
}

/** Runs a command in a pod of the demo that is kept up in another terminal; resolves to its exit code. */
export async function runIn(pod: string, command: readonly string[]): Promise<number> {
  const holder = await findHolder(`demo/${pod}`);
  if (holder === undefined) {
    console.error(`No demo of yours is running with a pod named ${pod}. Start one: npm run demo -- --keep`);
    return 1;
  }
  const [program = '', ...args] = enterCommand(holder, { command });
  const child = spawn(program, args, { stdio: 'inherit', env: labEnvironment({}) });
  child.on('error', (error) => console.error(error.message));
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
