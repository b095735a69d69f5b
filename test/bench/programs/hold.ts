import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

// Holds connections until it is killed: hold.ts <address> <port> <connections> idle|slow <path>. Each has asked once. Those
// that are idle have their answer; those that are slow take 16 KB of it every quarter of a second. Says twice a second how
// many it holds, once all were opened.
const [address = '', port, count, kind, path = '/'] = process.argv.slice(2);
const request = `GET ${path} HTTP/1.1\r\nHost: svc.local\r\n\r\n`;
const atOnce = 50;
let ended = 0;

function hold(): Promise<void> {
  return new Promise((resolve) => {
    const buffer = Buffer.allocUnsafeSlow(kind === 'slow' ? 16_384 : 2048);
    const callback = (): boolean => {
      resolve();
      if (kind !== 'slow') return true;
      setTimeout(() => socket.resume(), 250);
      return false;
    };
    const socket = connect({ host: address, port: Number(port), onread: { buffer, callback } });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      ended++;
      resolve();
    });
    socket.write(request);
  });
}

for (let open = 0; open < Number(count); open += atOnce) {
  await Promise.all(Array.from({ length: Math.min(atOnce, Number(count) - open) }, hold));
}
for (;;) {
  console.log(`holding ${Number(count) - ended}`);
  await sleep(500);
}
