import { setTimeout as sleep } from 'node:timers/promises';
import { heddleCommand, startAgent } from '../../../lab/programs.ts';
import { curl, until } from '../clients.ts';
import type { Mesh } from '../mesh.ts';
import { type Fault, allTo, url } from './steady.ts';

/** The agent is killed so often; every second time a route changes meanwhile, which is live once the next agent is. */
export function agentKilled(times: number): Fault {
  return async (mesh) => {
    for (let turn = 1; turn <= times; turn += 1) {
      await mesh.agent.stop('SIGKILL');
      const version = turn % 2 === 0 ? 'v1' : 'v2';
      await mesh.writeRoutes(allTo(version));
      await mesh.startAgent();
      await isServedBy(mesh, version);
    }
    return { said: `killed ${times} times, and a changed route was live after each`, wrong: [] };
  };
}

/** Another agent talks so many kinds of nonsense to every sidecar; the last good route stays, and a good agent is followed again. */
export function nonsense(kinds: number): Fault {
  return async (mesh) => {
    await isServedBy(mesh, 'v1');
    await mesh.agent.stop('SIGKILL');
    const { node } = mesh;
    const command = heddleCommand('test/e2e/programs/nonsenseAgent.ts', `${kinds}`);
    const agent = startAgent(node, mesh.folder, command);
    await agent.waitForLine((line) => line === 'listening', 60_000);
    const { addresses } = mesh.pod('client');
    const served = new Set<string>();
    const heard = (): boolean =>
      agent.lines.some((line) => addresses.some((address) => line === `${address} heard all`));
    while (!heard()) {
      const { status, name = `status ${status}` } = await curl(mesh.pod('client').pod, url);
      served.add(name);
      await sleep(100);
    }
    await agent.stop('SIGKILL');
    await mesh.writeRoutes(allTo('v2'));
    await mesh.startAgent();
    await isServedBy(mesh, 'v2');
    const lines = agent.lines.filter((line) => addresses.some((address) => line.startsWith(`${address} `)));
    const count = (how: string): number => lines.filter((line) => line.endsWith(`: ${how}`)).length;
    const ways = ['NACK', 'ACK', 'hung up', 'came again', 'lost it'].map((how) => `${how} ${count(how)}`);
    return {
      said: `${kinds} kinds of nonsense to the client's sidecar: ${ways.join(', ')}`,
      wrong: [
        ...lines.filter((line) => line.endsWith(': SILENT')),
        ...agent.lines.filter((line) => line.startsWith('the test fails')),
        ...[...served]
          .filter((name) => name !== 'v1')
          .map((name) => `the last good route did not stay: answered by ${name}`),
      ],
    };
  };
}

/** Waits until requests of new connections go to this version. */
export async function isServedBy(mesh: Mesh, version: string): Promise<void> {
  await until(async () => (await curl(mesh.pod('client').pod, url)).name === version, 120_000);
}
