import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { floods } from './floods.ts';

// Holds so many hostile connections of each kind given for so long: flood.ts <seconds> <service> <stuck> kind=count…
const [seconds, service = '', stuck = '', ...kinds] = process.argv.slice(2);
let open = 0;
let refused = 0;

function connect(to: string, attack: (socket: net.Socket) => void): void {
  const at = to.lastIndexOf(':');
  const socket = net.connect({ host: to.slice(0, at), port: Number(to.slice(at + 1)), noDelay: true });
  socket.on('error', () => undefined);
  socket.on('connect', () => {
    open++;
    attack(socket);
  });
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    open--;
    refused++;
  });
  // What comes is read, but by those that read nothing.
  socket.resume();
}

for (const kind of kinds) {
  const [name = '', count] = kind.split('=');
  const flood = floods[name];
  if (flood === undefined) throw new Error(`no flood is called ${name}: there are ${Object.keys(floods).join(', ')}`);
  for (let index = 0; index < Number(count); index++) {
    connect(flood.to === 'service' ? service : stuck, flood.attack);
    if (index % 50 === 49) await sleep(5);
  }
}
console.log('flooding');
await sleep(Number(seconds) * 1000);
console.log(`open ${open}, refused ${refused}`);
process.exit(0);
