import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { heddleCommand } from '../programs.ts';
import { nextOutboundLine, sentence } from './explain.ts';
import type { Mesh, MeshPod } from './mesh.ts';
import { aside, heading, outcome, row } from './print.ts';

const cart = { 4: 'http://10.96.0.10', 6: 'http://[fd00:96::10]' } as const;

/** Tells what a mesh does, by doing it: requests from an unmodified curl, then a change of the route while it runs. */
export async function tellStory(mesh: Mesh): Promise<void> {
  const client = mesh.pods.get('client');
  if (client === undefined) throw new Error('config/pods.yaml has no pod named client');

  heading('The agent reads the YAML and says of each route whether it is accepted and its references resolve');
  for (const line of statusTable(mesh.agent.lines)) row('agent', line);

  heading('One request: curl calls Service shop/cart, the HTTPRoute sends it to version 1');
  const first = await ask(client, [`${cart[4]}/cart`], /^cart-v1 answers GET \/cart$/);
  aside('log line', first.logLine);

  heading('The same over IPv6');
  await ask(client, [`${cart[6]}/cart`], /^cart-v1 answers GET \/cart$/);

  heading('A header chooses version 2');
  await ask(client, ['-H', 'x-user: tester', `${cart[4]}/cart`], /^cart-v2 answers GET \/cart$/);

  heading('A path goes to another namespace and is rewritten; a ReferenceGrant there allows it');
  await ask(client, [`${cart[4]}/pay/42`], /^payments answers GET \/v1\/payments\/42$/);

  heading('A redirect is answered by the sidecar');
  const location = ['-o', '/dev/null', '-w', '%{http_code} %{redirect_url}\\n'];
  await ask(client, [...location, `${cart[4]}/basket/1`], /^301 http:\/\/10\.96\.0\.10\/cart\/1$/);

  heading('A Service with routes answers 404 where no rule matches');
  await ask(client, ['-o', '/dev/null', '-w', '%{http_code}\\n', `${cart[4]}/other`], /^404$/);

  await changeWeights(mesh, client);
}

/** The last table of statuses that the agent printed. */
function statusTable(lines: readonly string[]): readonly string[] {
  const table = lines.slice(lines.findLastIndex((line) => line.startsWith('ROUTE ')));
  const end = table.findIndex((line) => line.startsWith('{'));
  return end < 0 ? table : table.slice(0, end);
}

async function ask(client: MeshPod, args: readonly string[], expected: RegExp): Promise<{ readonly logLine: string }> {
  const from = client.sidecar.lines.length;
  row('client$', `curl ${args.map(shellWord).join(' ')}`);
  const { stdout, stderr } = await client.pod.run({ command: ['curl', '-sS', '-m', '60', ...args] });
  const answer = (stdout + stderr).trim();
  outcome(expected.test(answer), answer);
  const line = await nextOutboundLine(client.sidecar, from);
  if (line === undefined) outcome(false, 'the sidecar wrote no access log line');
  else row('why', sentence(line));
  const logLine = client.sidecar.lines.slice(from).find((text) => text.includes('"direction":"outbound"'));
  return { logLine: logLine ?? '' };
}

async function changeWeights(mesh: Mesh, client: MeshPod): Promise<void> {
  heading('The route changes while requests flow: version 1 gets weight 0, version 2 gets 100');
  const asker = client.pod.start({ command: heddleCommand('lab/demo/asker.ts', `${cart[4]}/cart`) });
  await asker.waitForLine((line) => line.includes(' 200 cart-v1 '), 60_000);
  const editedAt = await editWeights(mesh, { v1: 0, v2: 100 });
  row('edit', join(mesh.folder, 'routes.yaml'));
  const changed = await asker.waitForLine((line) => line.includes(' cart-v2 '), 60_000);
  await asker.stop();
  const failed = asker.lines.filter((line) => !line.includes(' 200 '));
  outcome(
    failed.length === 0,
    `first answer of version 2 after ${Number(changed.split(' ')[0]) - editedAt} ms, no request failed`,
  );

  heading('Half and half: 400 requests, one curl, one connection');
  await editWeights(mesh, { v1: 50, v2: 50 });
  await untilBoth(client);
  const { stdout } = await client.pod.run({ command: ['curl', '-sS', '-m', '120', `${cart[6]}/cart?[1-400]`] });
  const count = (name: string): number => stdout.split('\n').filter((line) => line.startsWith(name)).length;
  const [v1, v2] = [count('cart-v1'), count('cart-v2')];
  outcome(v1 + v2 === 400 && Math.abs(v1 - 200) < 60, `version 1: ${v1}   version 2: ${v2}`);
}

/** Writes the weights into the file as an editor does, and tells when (milliseconds since the epoch). */
async function editWeights(mesh: Mesh, weights: { readonly v1: number; readonly v2: number }): Promise<number> {
  const file = join(mesh.folder, 'routes.yaml');
  const text = (await readFile(file, 'utf8'))
    .replace(/(name: cart-v1, port: 80, weight: )\d+/, `$1${weights.v1}`)
    .replace(/(name: cart-v2, port: 80, weight: )\d+/, `$1${weights.v2}`);
  await writeFile(`${file}~`, text);
  const now = Date.now();
  await rename(`${file}~`, file);
  return now;
}

/** Until the new weights are live: version 1, which had weight 0, answers again. */
async function untilBoth(client: MeshPod): Promise<void> {
  const asker = client.pod.start({ command: heddleCommand('lab/demo/asker.ts', `${cart[4]}/cart`) });
  await asker.waitForLine((line) => line.includes(' cart-v1 '), 60_000);
  await asker.stop();
}

function shellWord(word: string): string {
  return /^[\w./:=,-]+$/.test(word) ? word : `'${word.replace('\n', '\\n')}'`;
}
