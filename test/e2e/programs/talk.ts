import net from 'node:net';
import { text } from 'node:stream/consumers';

/**
 * `node talk.ts <address> <port> [end|pieces]`: one connection that sends the bytes given in base64 on stdin, then its end if told
 * so, or all but the first twenty later, and
 * prints as JSON what came back until the other side ended, closed or was silent for 1.5 seconds after its last byte; its
 * first byte, and its end where ours was sent, are waited for longer.
 */
const [host = '', port, end] = process.argv.slice(2);
const bytes = Buffer.from(await text(process.stdin), 'base64');
const startedAt = performance.now();
const heard: Buffer[] = [];
let firstByteMs: number | undefined;
let error: string | undefined;

const socket = net.connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true }, () => {
  const first = end === 'pieces' ? bytes.subarray(0, 20) : bytes;
  if (first.length > 0) socket.write(first);
  if (end === 'pieces') setTimeout(() => socket.write(bytes.subarray(20)), 100);
  if (end === 'end') socket.end();
});
socket.on('data', (chunk: Buffer) => {
  firstByteMs ??= performance.now() - startedAt;
  heard.push(chunk);
  if (end !== 'end') socket.setTimeout(1500);
});
socket.setTimeout(20_000, () => tell('silent'));
socket.on('end', () => tell('ended'));
socket.on('error', ({ message }) => (error = message));
socket.on('close', () => tell('closed'));

function tell(how: 'ended' | 'closed' | 'silent'): void {
  console.log(JSON.stringify({ how, error, firstByteMs, text: Buffer.concat(heard).toString('latin1') }));
  process.exit(0);
}
