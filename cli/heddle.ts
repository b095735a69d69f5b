#!/usr/local/bin/node
import type { RoleName } from '../contract/roles.ts';
import { podVariables } from '../contract/variables.ts';
import manifest from '../package.json' with { type: 'json' };
import { isRole, roles } from './roles.ts';

/** The dispatcher of the image: a role, or else a command for people. It loads nothing but the bundle that was asked for. */
const [command, ...args] = process.argv.slice(2);
if (command !== undefined && isRole(command)) await start(command, args);
else if (command === 'version') {
  console.log(`heddle ${manifest.version} (Node ${process.version}, ${process.platform} ${process.arch})`);
} else await import(`${import.meta.dirname}/commands.mjs`);

async function start(name: RoleName, rest: readonly string[]): Promise<void> {
  const program = `${import.meta.dirname}/${name}.mjs`;
  const { nodeFlags, environment, readyPort } = roles[name];
  if (nodeFlags.length > 0 && process.execve !== undefined) {
    // V8 sizes its heap before the first line of JavaScript runs, so this process begins again, with the same pid.
    const argv = [process.execPath, ...nodeFlags, program, ...rest];
    const early = readyPort === undefined ? {} : await listenEarly(readyPort);
    process.execve(process.execPath, argv, { ...environment, ...process.env, ...early });
  }
  process.argv = [process.execPath, program, ...rest];
  await import(program);
}

/**
 * Has the readiness port accept connections now: a program takes several times as long to load as this one, and whoever
 * asks meanwhile is answered by it instead of being refused, which the kubelet tells as a Warning Event.
 */
async function listenEarly(usual: number): Promise<Record<string, string>> {
  const given = process.env[podVariables.readyPort] ?? '';
  const port = /^\d{1,5}$/.test(given) ? Number(given) : usual;
  if (port === 0 || port > 65_535) return {};
  const { openEarlySockets } = await import('./earlySockets.ts');
  return { [podVariables.readySockets]: openEarlySockets(port).join(',') };
}
