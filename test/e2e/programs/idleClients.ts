import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * `node idleClients.ts <address> <port> <connections> <atOnce> <restMs>`: opens connections, so many at once, each with one
 * answered request, and leaves them open. Prints `idle` when all had their answer, `refused` where one had none, then how
 * many are still open, each second.
 */
const [address = '', port, connections, atOnce, restMs] = process.argv.slice(2);
let open = 0;
for (let count = 0; count < Number(connections); count += Number(atOnce)) {
  await Promise.all(Array.from({ length: Number(atOnce) }, ask));
  await sleep(Number(restMs));
}
console.log('idle');
setInterval(() => console.log(`open ${open}`), 1000);

function ask(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = net.connect({ host: address, port: Number(port) });
  let answered = false;
  open += 1;
  socket.on('error', () => undefined);
  socket.once('data', () => {
    answered = true;
    resolve();
  });
  socket.once('close', () => {
    open -= 1;
    if (!answered) console.log('refused');
    resolve();
  });
  socket.resume();
  socket.write('GET / HTTP/1.1\r\nHost: web\r\n\r\n');
  return promise;
}
