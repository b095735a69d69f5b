import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

// Runs in a pod: asks a URL again and again over one connection, and prints a line of JSON whenever another text answers
// than before, with the time at which its answer was complete. CLOCK_MONOTONIC is the same for every process of a machine.
const [url = '', pauseMs = ''] = process.argv.slice(1);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let last: string | undefined;
process.on('SIGTERM', () => process.exit(0));
for (;;) {
  const text = await ask().catch((error: Error) => `error: ${error.message}`);
  if (text !== last) console.log(JSON.stringify({ text, atMs: Number(process.hrtime.bigint()) / 1e6 }));
  last = text;
  await sleep(Number(pauseMs));
}

function ask(): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('error', reject);
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve(/"text":"([^"]*)"/.exec(body)?.[1] ?? `status ${response.statusCode}`));
    }).on('error', reject);
  });
}
