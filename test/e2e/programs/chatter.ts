import net from 'node:net';

/** `node chatter.ts <address> <port>`: one connection that sends a number every 10 ms and prints what comes back. */
const [host = '', port] = process.argv.slice(2);
const socket = net.connect({ host, port: Number(port) });
let count = 0;

socket.setEncoding('utf8');
socket.on('connect', () => setInterval(() => socket.write(`${(count += 1)}\n`), 10));
socket.on('data', (text: string) => process.stdout.write(text));
socket.on('error', (error) => {
  console.log(`broken: ${error.message}`);
  process.exit(1);
});
socket.on('close', () => process.exit(1));
