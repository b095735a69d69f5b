import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';

// Runs in a pod: speaks one protocol to an address once, and prints what comes back.
const [kind = '', host = '', port = '', text = ''] = process.argv.slice(1);

const probes: Readonly<Record<string, () => Promise<string>>> = {
  /** Sends a datagram. */
  async udp() {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.send(text, Number(port), host);
    const [message] = (await once(socket, 'message', { signal: AbortSignal.timeout(5000) })) as [Buffer];
    socket.close();
    return message.toString();
  },
  /** Sends the text and the end; gives all until the other's end. */
  tcp: () => exchange(Buffer.from(text)),
  /** Sends nothing before the other has spoken. */
  async greeting() {
    const socket = connect(Number(port), host);
    const [first] = (await once(socket, 'data', { signal: AbortSignal.timeout(5000) })) as [Buffer];
    socket.end(text);
    return first.toString() + Buffer.concat((await socket.toArray()) as Buffer[]).toString();
  },
  /** Asks by DNS over TCP for the IPv4 address of a name. */
  async dns() {
    const labels = text.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
    const query = Buffer.concat([
      Buffer.from('123401000001000000000000', 'hex'),
      ...labels,
      Buffer.from('0000010001', 'hex'),
    ]);
    const answer = await exchange(Buffer.concat([Buffer.from([0, query.length]), query]));
    return [...Buffer.from(answer, 'latin1').subarray(-4)].join('.');
  },
  /** Sends a health check of gRPC by HTTP/2 without TLS. */
  async h2c() {
    const session = connectHttp2(`http://${host}:${port}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.end(Buffer.alloc(5)).resume();
    const [[headers], [trailers]] = await Promise.all([once(stream, 'response'), once(stream, 'trailers')]);
    session.close();
    return `${headers[':status']} grpc-status ${trailers['grpc-status']}`;
  },
};

async function exchange(bytes: Buffer): Promise<string> {
  const socket = connect(Number(port), host);
  socket.setTimeout(5000, () => socket.destroy(new Error('nothing for 5 s')));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (kind === 'dns') socket.end();
  });
  if (kind === 'dns') socket.write(bytes);
  else socket.end(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

console.log(await probes[kind]?.());
