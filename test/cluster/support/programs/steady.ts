import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

// Runs in a pod: asks its targets in turn at an even rate over kept connections until SIGUSR2. Prints each
// answer that is not a 200 with the body it should have, as a line of JSON, and a summary as the last line.
const [perSecond = '', parallel = '', ...targets] = process.argv.slice(1);
const agent = new Agent({ keepAlive: true });
const body = Buffer.alloc(200, 'x');
const counts: Record<string, { ok: number; failed: number; pods: Record<string, number> }> = {};
const startedAt = Date.now();
let sent = 0;
let slowestMs = 0;
const stop = new AbortController();

process.on('SIGTERM', () => process.exit(0));
process.on('SIGUSR2', () => stop.abort());
await Promise.all(Array.from({ length: Number(parallel) }, work));
agent.destroy();
console.log(JSON.stringify({ counts, slowestMs, durationMs: Date.now() - startedAt }));

async function work(): Promise<void> {
  while (!stop.signal.aborted) {
    const turn = sent++;
    const dueMs = startedAt + (turn / Number(perSecond)) * 1000 - Date.now();
    if (dueMs > 0) await sleep(dueMs);
    await ask(targets[turn % targets.length] ?? '');
  }
}

/** A target is `GET=<url>` or `POST=<url>`. */
async function ask(target: string): Promise<void> {
  const [method = '', url = ''] = target.split('=', 2);
  const atMs = Date.now();
  const answer = await exchange(method, url);
  slowestMs = Math.max(slowestMs, Date.now() - atMs);
  const pod = /"pod":"([^"]*)"/.exec(answer.text)?.[1];
  const count = (counts[target] ??= { ok: 0, failed: 0, pods: {} });
  const whole = answer.text.includes(`"bodyBytes":${method === 'POST' ? body.length : 0},`);
  if (answer.status === '200' && pod !== undefined && whole) {
    count.ok += 1;
    count.pods[pod] = (count.pods[pod] ?? 0) + 1;
    return;
  }
  count.failed += 1;
  if (count.failed <= 50) console.log(JSON.stringify({ failed: target, atMs, tookMs: Date.now() - atMs, ...answer }));
}

function exchange(method: string, url: string): Promise<{ status: string; text: string }> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => resolve({ status: error.code ?? error.message, text: '' });
    const headers = method === 'POST' ? { 'content-length': body.length } : {};
    const asked = request(url, { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('error', fail);
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: String(response.statusCode), text: text.slice(0, 2000) }));
    });
    asked.setTimeout(30_000, () => asked.destroy(new Error('timeout'))).on('error', fail);
    asked.end(method === 'POST' ? body : undefined);
  });
}
