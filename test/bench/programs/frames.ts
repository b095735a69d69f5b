import { connect } from 'node:net';
import { fail, finish } from './outcome.ts';

// The load of the WebSocket row: frames.ts <address> <port> <connections> <seconds>. Each connection upgrades, then sends a
// masked binary frame of 1 KB, waits until all of it is back, and sends the next. Prints how many came back.
const [address = '', port, connections, seconds] = process.argv.slice(2);
const request = [
  'GET /room HTTP/1.1',
  'Host: svc.local',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');
const payload = 1024;
// RFC 6455 section 5.2: FIN and binary, masked with a length of 16 bits, mask 0.
const frame = Buffer.concat([
  Buffer.from([0x82, 0xfe, payload >> 8, payload & 255, 0, 0, 0, 0]),
  Buffer.alloc(payload),
]);
const buffer = Buffer.allocUnsafeSlow(65_536);
let echoed = 0;
let upgraded = 0;

for (let i = 0; i < Number(connections); i++) {
  let head: string | undefined = '';
  let missing = 0;
  const send = (): void => {
    missing = frame.length;
    socket.write(frame);
  };
  const callback = (count: number): boolean => {
    if (head === undefined) {
      missing -= count;
      if (missing < 0) fail('more came back than was sent');
      if (missing > 0) return true;
      echoed++;
      send();
      return true;
    }
    head += buffer.toString('latin1', 0, count);
    if (!'HTTP/1.1 101 '.startsWith(head.slice(0, 13))) fail(head);
    if (!head.endsWith('\r\n\r\n')) return true;
    head = undefined;
    if (++upgraded === Number(connections)) setTimeout(() => finish(String(echoed)), Number(seconds) * 1000);
    send();
    return true;
  };
  const socket = connect({ host: address, port: Number(port), noDelay: true, onread: { buffer, callback } });
  socket.on('error', (error) => fail(error.message));
  socket.on('end', () => fail('the connection ended early'));
  socket.write(request);
}
