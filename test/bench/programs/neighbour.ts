import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

// Asks every 20 ms for so many seconds, on connections that are kept; prints how it was served: neighbour.ts <seconds> <url>
const [seconds, url = ''] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
const took: number[] = [];
let failed = 0;
const until = performance.now() + Number(seconds) * 1000;
const waiting: Promise<void>[] = [];

function ask(): Promise<void> {
  const start = performance.now();
  return new Promise((resolve) => {
    const request = http.get(url, { agent, timeout: 10_000 }, (response) => {
      response.resume().on('end', () => {
        took.push(performance.now() - start);
        if (response.statusCode !== 200) failed++;
        resolve();
      });
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', () => {
      failed++;
      resolve();
    });
  });
}

while (performance.now() < until) {
  waiting.push(ask());
  await sleep(20);
}
await Promise.all(waiting);
const sorted = took.toSorted((one, other) => one - other);
const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? Number.NaN);
console.log(JSON.stringify({ requests: waiting.length, failed, p50: at(0.5), p99: at(0.99) }));
process.exit(0);
