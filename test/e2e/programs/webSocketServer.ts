import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

// A WebSocket server (RFC 6455) that greets with its name and sends each frame back; closes when its client does.
const [name = 'app', port = '8080'] = process.argv.slice(2);

const server = createServer((_request, response) => response.writeHead(426).end());

/** One unmasked frame, as a server sends it; `first` has the opcode, and whether the message ends here. */
function frame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

server.on('upgrade', (request, socket, first) => {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  socket.on('error', () => undefined);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.write(frame(0x81, Buffer.from(`${name} greets ${request.url}`)));
  let kept: Buffer = first;
  const read = (): void => {
    for (;;) {
      if (kept.length < 6) return;
      const short = (kept[1] ?? 0) & 127;
      const at = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (kept.length < at + 4) return;
      const length = short < 126 ? short : short === 126 ? kept.readUInt16BE(2) : Number(kept.readBigUInt64BE(2));
      if (kept.length < at + 4 + length) return;
      const mask = kept.subarray(at, at + 4);
      const payload = kept.subarray(at + 4, at + 4 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
      const start = kept[0] ?? 0;
      kept = kept.subarray(at + 4 + length);
      socket.write(frame(start, Buffer.from(payload)));
      if ((start & 15) === 8) socket.end();
    }
  };
  socket.on('data', (bytes: Buffer) => {
    kept = Buffer.concat([kept, bytes]);
    read();
  });
  read();
});
server.listen(Number(port), '::', () => process.stdout.write('listening\n'));
