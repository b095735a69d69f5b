import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { installHeddle } from './installHeddle.ts';
import { firstNode } from './names.ts';
import { cleanEnvironment, inNetwork } from './process/run.ts';
import { up } from './up.ts';

// `npm run test:cluster -- [--no-install] [files]`: brings the cluster up, installs Heddle as it is here, then runs ava in
// the network of the first node, where tests reach pods, Services and the API server as they are.
const words = process.argv.slice(2).filter((word) => word !== '--no-install');
try {
  await up();
  if (!process.argv.includes('--no-install')) await installHeddle();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
const root = join(import.meta.dirname, '../..');
const ava = [process.execPath, join(root, 'node_modules/ava/entrypoints/cli.js'), '--config', 'ava.cluster.config.js'];
const [program = '', ...args] = inNetwork([...ava, ...words], firstNode.networkNamespace);
const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: cleanEnvironment() });
process.on('SIGINT', () => {});
child.once('exit', (code) => (process.exitCode = code ?? 1));
