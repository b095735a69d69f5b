import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { serviceRoutingTypeUrl as typeUrl } from '../../routing/wire/typeUrls.ts';
import { startAgent } from './agentProcess.ts';
import { TestClient } from './discovery/client.ts';
import { splitRoute, weightOf } from './splitRoute.ts';
import { type Hostile, sendLongMessages, sendShortFrames } from './unfinished.ts';

const pods = 60;
/**
 * The budget, what was cut off and V8 has not collected yet, and what the connections themselves take. Without a budget
 * long messages take 360 MB, and short frames 900.
 */
const mostMb = 256;

const addressOf = (pod: number): string => `127.0.9.${pod + 1}`;

const service = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}
`;
const podsText = Array.from(
  { length: pods },
  (_, pod) => `---
apiVersion: v1
kind: Pod
metadata: {name: pod-${pod}}
status: {podIP: ${addressOf(pod)}}
`,
).join('');

const kinds = {
  'in large frames': { send: sendLongMessages, line: 'Too many bytes of requests wait: who has sent most is cut off' },
  'in frames of one byte': {
    send: sendShortFrames,
    line: 'A request came in thousands of pieces: who sends it is cut off',
  },
};
for (const [title, { send, line: said }] of Object.entries(kinds)) {
  test.serial(
    `unfinished messages of many pods, ${title}, are bounded in all, and a good sidecar is served`,
    async (t) => {
      const agent = await startAgent(t, { 'web.yaml': service + podsText, 'route.yaml': splitRoute(1) });
      const idleMb = await residentMb(agent.pid);
      let peakMb = idleMb;
      const port = Number(agent.address.split(':')[1]);
      const floods = Array.from({ length: pods }, (_, pod) =>
        flood(t, () => send({ port, localAddress: addressOf(pod) })),
      );
      const client = new TestClient(agent.address);
      t.teardown(() => client.close());
      client.send({ typeUrl, resourceNamesSubscribe: ['10.96.0.1:80'] });
      await client.take();
      const watch = async (): Promise<void> => {
        peakMb = Math.max(peakMb, await residentMb(agent.pid));
      };
      for (let weight = 10; weight < 20; weight += 1) {
        for (let turn = 0; turn < 10; turn += 1) await Promise.all([sleep(50), watch()]);
        await writeFile(path.join(agent.folder, 'route.yaml'), splitRoute(weight));
        t.is(weightOf(await client.take()), weight);
      }
      await agent.seen(said);
      t.true(floods.some(({ cuts }) => cuts() > 0));
      t.log(`${(peakMb - idleMb).toFixed(0)} MB above ${idleMb.toFixed(0)}`);
      t.true(peakMb - idleMb < mostMb, `${(peakMb - idleMb).toFixed(0)} MB`);
      const lines = agent
        .output()
        .split('\n')
        .filter((line) => line.includes(said));
      const times = lines.map((line) => Date.parse((JSON.parse(line) as { readonly time: string }).time));
      t.true(
        times.every((time, at) => at === 0 || time - (times[at - 1] ?? 0) > 9000),
        'a line in ten seconds',
      );
    },
  );
}

/** A pod whose streams leave each a message unfinished, and that comes again as often as it is cut off. */
function flood(t: ExecutionContext, open: () => Hostile): { readonly cuts: () => number } {
  let stopped = false;
  let cuts = 0;
  t.teardown(() => (stopped = true));
  const again = (): void => {
    if (stopped) return;
    const hostile = open();
    t.teardown(() => hostile.destroy());
    hostile.whenClosed(() => {
      cuts += 1;
      setTimeout(again, 5000);
    });
  };
  again();
  return { cuts: () => cuts };
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
