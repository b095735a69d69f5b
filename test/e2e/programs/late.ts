import net from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** `node late.ts <address> <port> <ms>`: connects, is silent for so long, then sends stdin; prints what comes back. */
const [host = '', port, ms] = process.argv.slice(2);
const request = await text(process.stdin);
const socket = net.connect({ host, port: Number(port) });
socket.pipe(process.stdout);
await sleep(Number(ms));
socket.write(request);
