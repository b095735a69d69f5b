import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { prometheusOperatorRecipe, promtoolRecipe } from './build/monitoring.ts';
import { newerGatewayApiRecipe } from './build/newerGatewayApi.ts';
import { obtain } from './build/recipe.ts';
import { installHeddle } from './installHeddle.ts';
import { firstNode } from './names.ts';
import { alone } from './process/lock.ts';
import { cleanEnvironment, inNetwork } from './process/run.ts';
import { olderHeddle } from './olderHeddle.ts';
import { up } from './up.ts';

// `npm run test:cluster -- [--no-install] [files]`: brings the cluster up, installs Heddle as it is here, then runs ava in
// the network of the first node, where tests reach pods, Services and the API server as they are.
const words = process.argv.slice(2).filter((word) => word !== '--no-install');
try {
  process.exitCode = await alone(async () => {
    await up();
    if (!process.argv.includes('--no-install')) await installHeddle();
    // Obtained here already: in the network of the tests no registry can be reached.
    await obtain(newerGatewayApiRecipe());
    const files = words.filter((word) => !word.startsWith('-'));
    const runs = (name: string): boolean => files.length === 0 || files.some((file) => file.includes(name));
    if (runs('monitoring')) await Promise.all([obtain(prometheusOperatorRecipe()), obtain(promtoolRecipe())]);
    if (runs('upgrade')) await olderHeddle();
    return runAva();
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function runAva(): Promise<number> {
  const root = join(import.meta.dirname, '../..');
  const ava = [process.execPath, join(root, 'node_modules/ava/entrypoints/cli.js')];
  const command = [...ava, '--config', 'ava.cluster.config.js', ...words];
  const [program = '', ...args] = inNetwork(command, firstNode.networkNamespace);
  const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: cleanEnvironment() });
  // Ctrl-C reaches ava as well, which ends by itself.
  process.on('SIGINT', () => {});
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
