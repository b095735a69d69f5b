import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { type Api, isApiStatus } from '../../kubernetes/api.ts';
import { connectApi } from '../../kubernetes/connect.ts';
import { forwardPort } from '../../kubernetes/portForward.ts';
import { failure, plainCredentials, startScripted } from './scripted.ts';

const target = { namespace: 'heddle-system', pod: 'heddle-agent-a', port: 15_000 };

/** A frame as a server sends it: not masked. */
function frame(payload: Uint8Array): Buffer {
  const head = payload.length < 126 ? [0x82, payload.length] : [0x82, 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from(head), payload]);
}

function onChannel(channel: number, bytes: Uint8Array): Buffer {
  return frame(Buffer.concat([Buffer.of(channel), bytes]));
}

/** The first message of a client, of less than 126 bytes: its channel, and its bytes. */
function unmask(bytes: Buffer): Buffer {
  const length = bytes.readUInt8(1) & 0x7f;
  const mask = bytes.subarray(2, 6);
  return bytes.subarray(6, 6 + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0)) as Buffer;
}

const port = Buffer.from(Uint16Array.of(target.port).buffer);

/** An API server that agrees to the WebSocket as kubelets do, then does what the test says. */
async function start(
  t: ExecutionContext,
  serve: (socket: Socket, request: IncomingMessage) => void,
  protocol = 'v4.channel.k8s.io',
): Promise<Api> {
  const server = createServer((_, response) => void response.writeHead(400).end());
  const sockets: Socket[] = [];
  server.on('upgrade', (request, socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    const key = request.headers['sec-websocket-key'] ?? '';
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    );
    serve(socket, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api = await connectApi({
    credentials: plainCredentials(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () =>
      Promise.resolve({ authorization: 'Bearer jane' }),
    ),
  });
  t.teardown(async () => {
    await api.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return api;
}

test('bytes go to the port and come back, whatever frames they come in', async (t) => {
  const api = await start(t, (socket, request) => {
    t.is(request.url, '/api/v1/namespaces/heddle-system/pods/heddle-agent-a/portforward?ports=15000');
    t.is(request.headers.authorization, 'Bearer jane');
    t.is(request.headers['sec-websocket-protocol'], 'v4.channel.k8s.io');
    socket.write(Buffer.concat([onChannel(0, port), onChannel(1, port)]));
    socket.once('data', (bytes: Buffer) => {
      const message = unmask(bytes);
      t.is(message[0], 0);
      const answer = onChannel(0, Buffer.from(`${message.subarray(1).toString()} yourself`));
      socket.write(answer.subarray(0, 3));
      setTimeout(() => {
        socket.write(answer.subarray(3));
        socket.write(onChannel(0, Buffer.alloc(1000, 'x')));
        socket.end(Buffer.from([0x88, 0]));
      }, 20);
    });
  });
  const connection = await forwardPort(api, target);
  connection.write('hello');
  t.is(await text(connection), `hello yourself${'x'.repeat(1000)}`);
});

test('what the kubelet says of the port is an error of the connection', async (t) => {
  const api = await start(t, (socket) => {
    socket.write(Buffer.concat([onChannel(0, port), onChannel(1, port)]));
    socket.write(onChannel(1, Buffer.from('an error occurred forwarding 15000: connection refused\n')));
  });
  await t.throwsAsync(text(await forwardPort(api, target)), { message: /forwarding 15000: connection refused$/ });
});

test('what is no WebSocket is an error of the connection', async (t) => {
  const api = await start(t, (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\n'));
  await t.throwsAsync(text(await forwardPort(api, target)), { message: /WebSocket/ });
});

test('a server that agrees to something else is not spoken to', async (t) => {
  const api = await start(t, () => {}, 'v5.channel.k8s.io');
  await t.throwsAsync(forwardPort(api, target), { message: /agreed to another protocol/ });
});

test('who may not forward is told so, and so is who names a pod that is not there', async (t) => {
  const forbidden = await startScripted(t, [failure(403, 'Forbidden', 'jane cannot get resource "pods/portforward"')]);
  const error = await t.throwsAsync(forwardPort(forbidden.api, target));
  t.true(isApiStatus(error, 403));
  t.regex(error?.message ?? '', /jane cannot get resource/);
  const missing = await startScripted(t, [failure(404, 'NotFound', 'pods "heddle-agent-a" not found')]);
  t.true(isApiStatus(await t.throwsAsync(forwardPort(missing.api, target)), 404));
});
