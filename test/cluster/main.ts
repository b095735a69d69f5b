import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { clean, leftovers } from './clean.ts';
import { components, deadComponents, readCluster } from './cluster.ts';
import { clusterAccess, kubectlCommand } from './kubectl.ts';
import { nodes, stateFolder } from './names.ts';
import { alone } from './process/lock.ts';
import { say, step } from './process/progress.ts';
import { cleanEnvironment, inNetwork } from './process/run.ts';
import { up } from './up.ts';

const usage = `npm run cluster:up                                    a Kubernetes with two nodes on this machine
npm run cluster:down                                  removes it
npm run cluster:status                                what runs of it
npm run --silent cluster -- kubectl get pods -A       kubectl, as administrator
npm run --silent cluster -- node1 curl <address>      a command in the network of a node (node1, node2)`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function main([command, ...words]: readonly string[]): Promise<number> {
  if (command === 'kubectl') return attach(kubectlCommand(await clusterAccess(), words));
  const node = nodes.find(({ name }) => name === command);
  if (node !== undefined && words.length > 0) return attach(inNetwork(words, node.networkNamespace));
  if (words.length === 0 && command === 'status') return status();
  if (words.length === 0 && command === 'up') {
    await alone(up);
    return status();
  }
  if (words.length === 0 && command === 'down') {
    await alone(() => step('cluster', 'removed', clean));
    return 0;
  }
  console.error(usage);
  return 1;
}

async function status(): Promise<number> {
  const cluster = await readCluster();
  if (cluster === undefined) {
    const left = await leftovers();
    say(
      'cluster',
      left.length === 0
        ? 'is not up'
        : `is not up, but left ${left.length} things behind; npm run cluster:down removes them`,
    );
    return 1;
  }
  const dead = await deadComponents();
  say(
    'programs',
    `${components.length - dead.length} of ${components.length} run${dead.map((name) => `; ${name} ended`).join('')}`,
  );
  say('logs', join(stateFolder, 'logs'));
  say('kubeconfig', `${cluster.kubeconfig} (to use inside: nsenter --net=/run/netns/${nodes[0].networkNamespace} …)`);
  say('kubectl', 'npm run --silent cluster -- kubectl get pods -A');
  return dead.length === 0 ? 0 : 1;
}

/** Runs a command with our terminal; gives its exit code. */
function attach([program = '', ...args]: readonly string[]): Promise<number> {
  // Ctrl-C goes to both; the command decides.
  process.on('SIGINT', () => {});
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: cleanEnvironment() });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
  });
}
