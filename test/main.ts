import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { installMissing } from '../lab/install.ts';

// npm test: has what the tests of the lab need, as far as it may install it, then runs ava with the arguments given. Where
// something is missing still, those tests count as skipped, with the reason in their titles.
const args = process.argv.slice(2);
const given = args.filter((arg) => arg !== '--yes');
await installMissing(given.length < args.length ? 'yes' : 'ask');
const ava = spawn('ava', given, { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ava.kill(signal));
const [code] = (await once(ava, 'exit')) as [number | null];
process.exitCode = code ?? 1;
