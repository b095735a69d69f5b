import { connect } from 'node:http2';
import { randomBytes } from 'node:crypto';
import { frame, readFrames } from './webSocketFrames.ts';

// As webSocketClient.ts, over HTTP/2 (RFC 8441).
const [url = '', ...sizes] = process.argv.slice(2);

const { host, pathname, search } = new URL(url);
const session = connect(`http://${host}`);
const heard: (string | number)[] = [];
const left = sizes.map(Number);
let code = 0;

session.on('remoteSettings', ({ enableConnectProtocol }) => {
  if (enableConnectProtocol !== true) throw new Error('no tunnels are offered');
  const stream = session.request(
    { ':method': 'CONNECT', ':protocol': 'websocket', ':path': `${pathname}${search}`, 'sec-websocket-version': '13' },
    { endStream: false },
  );
  const send = (first: number, payload: Buffer): void => void stream.write(frame(first, payload, randomBytes(4)));
  stream.on('error', () => heard.push('error'));
  stream.on('response', ({ ':status': status }) => {
    if (status !== 200) heard.push(`${status}`);
  });
  readFrames(stream, Buffer.alloc(0), ({ first, payload }) => {
    if ((first & 15) === 8) {
      code = payload.readUInt16BE(0);
      return void stream.end();
    }
    heard.push((first & 15) === 1 ? payload.toString() : payload.length);
    const size = left.shift();
    if (size === undefined) send(0x88, Buffer.from([0x03, 0xe8]));
    else send(0x82, Buffer.alloc(size, 7));
    return undefined;
  });
  stream.on('close', () => {
    console.log(JSON.stringify({ heard, code, wasClean: stream.rstCode === 0 }));
    session.close();
  });
});
