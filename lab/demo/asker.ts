import { Agent, get } from 'node:http';

/**
 * `node asker.ts <url>`: asks again and again until it is ended. Prints `<milliseconds since the epoch> <status> <answer>`
 * whenever status or answer differ from the one before.
 */
const url = process.argv[2] ?? '';
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let last = '';

function ask(): void {
  get(url, { agent }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => (body += text));
    response.on('end', () => report(`${response.statusCode} ${body.trim()}`));
  }).on('error', (error) => report(`0 ${error.message}`));
}

function report(answer: string): void {
  if (answer !== last) console.log(`${Date.now()} ${answer}`);
  last = answer;
  setTimeout(ask, 1);
}

ask();
