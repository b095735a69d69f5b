import net from 'node:net';

// Connects to so many ports one after the other, a hundred at a time, and waits until each is closed or has been silent
// for two seconds: scan.ts <address> <first port> <count>
const [address = '', first, count] = process.argv.slice(2);
const ends = { closed: 0, silent: 0 };
let next = Number(first);
const behind = next + Number(count);

async function scan(): Promise<void> {
  while (next < behind) {
    const socket = net.connect({ host: address, port: next++ });
    ends[await endOf(socket)]++;
  }
}

function endOf(socket: net.Socket): Promise<'closed' | 'silent'> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => resolve('closed'));
    socket.setTimeout(2000, () => {
      resolve('silent');
      socket.destroy();
    });
    socket.resume();
  });
}

await Promise.all(Array.from({ length: 100 }, scan));
console.log(`${ends.closed} closed, ${ends.silent} silent`);
process.exit(0);
