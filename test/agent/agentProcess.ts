import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { execa } from 'execa';
import { roles } from '../../cli/roles.ts';

/** The agent's program. */
export const agentMain = path.join(import.meta.dirname, '../../agent/main.ts');

export type AgentProcess = {
  readonly pid: number;
  readonly folder: string;
  readonly address: string;
  readonly output: () => string;
  readonly seen: (text: string | RegExp) => Promise<void>;
  readonly signal: (name: 'SIGTERM' | 'SIGINT') => void;
  readonly exit: Promise<{ readonly exitCode?: number | undefined }>;
};

/** The agent as a process on a free port, with a folder of its own. */
export async function startAgent(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<AgentProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'heddle-agent-'));
  t.teardown(() => rm(folder, { recursive: true }));
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
  return startAgentIn(t, folder, settings);
}

/** The same with a folder that there is. */
export async function startAgentIn(
  t: ExecutionContext,
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<AgentProcess> {
  const env = { HEDDLE_CONFIG_DIR: folder, HEDDLE_DISCOVERY_ADDRESS: '127.0.0.1:0', ...settings };
  const agent = execa(process.execPath, [...roles.agent.nodeFlags, agentMain], { env, reject: false, buffer: false });
  let output = '';
  agent.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  t.teardown(async () => {
    agent.kill('SIGKILL');
    await agent;
  });
  const seen = async (text: string | RegExp): Promise<void> => {
    const isThere = (): boolean => (typeof text === 'string' ? output.includes(text) : text.test(output));
    for (let tries = 0; tries < 12_000 && !isThere(); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    t.true(isThere(), `${String(text)} is not in:\n${output}`);
  };
  await seen('"Agent ready"');
  const address = /"address":"(?<address>[^"]+)"/.exec(output)?.groups?.['address'] ?? '';
  return {
    pid: agent.pid ?? 0,
    folder,
    address,
    output: () => output,
    seen,
    signal: (name) => void agent.kill(name),
    exit: agent,
  };
}
