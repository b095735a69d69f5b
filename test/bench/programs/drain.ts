import { connect } from 'node:net';
import { fail, finish } from './outcome.ts';

// The load of the TCP rows: reads from `connections` connections for `seconds`, then prints how many bytes came.
const [address = '', port, connections, seconds] = process.argv.slice(2);
const buffer = Buffer.allocUnsafeSlow(262_144);
let bytes = 0;

for (let i = 0; i < Number(connections); i++) {
  const onread = {
    buffer,
    callback(count: number) {
      bytes += count;
      return true;
    },
  };
  const socket = connect({ host: address, port: Number(port), onread });
  socket.on('error', (error) => fail(error.message));
  socket.on('end', () => fail('the connection ended early'));
}

setTimeout(() => finish(String(bytes)), Number(seconds) * 1000);
