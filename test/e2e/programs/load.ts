import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * `node load.ts <url> <connections> [half]`: each connection asks again and again until SIGTERM (`half`: it rests as long as each request takes), then the summary is printed as JSON:
 * how many requests, how many answers by each app (`name` in the answer), and what failed. A failure is anything
 * but a 200.
 */
const [url = '', connections, share] = process.argv.slice(2);
const summary = { requests: 0, failed: 0, byName: {} as Record<string, number>, firstFailures: [] as string[] };
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const ending = new AbortController();

process.on('SIGTERM', () => ending.abort());
console.log('started');
await Promise.all(Array.from({ length: Number(connections) }, keepAsking));
console.log(JSON.stringify(summary));
agent.destroy();

async function keepAsking(): Promise<void> {
  while (!ending.signal.aborted) {
    const start = performance.now();
    const { status, body } = await ask();
    summary.requests += 1;
    if (status === 200) {
      const { name } = JSON.parse(body) as { name: string };
      summary.byName[name] = (summary.byName[name] ?? 0) + 1;
    } else {
      summary.failed += 1;
      if (summary.failed <= 5) summary.firstFailures.push(`${new Date().toISOString()} ${status} ${body}`);
    }
    await sleep(share === 'half' ? performance.now() - start : 2);
  }
}

function ask(): Promise<{ status: number; body: string }> {
  return new Promise((resolve) => {
    const request = get(url, { agent, timeout: 20_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('error', (error) => resolve({ status: 0, body: error.message }));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on('timeout', () => request.destroy(new Error('no answer for 20 s')));
    request.on('error', (error) => resolve({ status: 0, body: error.message }));
  });
}
