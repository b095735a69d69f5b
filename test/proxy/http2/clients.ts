import { once } from 'node:events';
import http2 from 'node:http2';
import type net from 'node:net';
import type { ExecutionContext } from 'ava';

/** A node:http2 server on loopback that lives as long as its test. */
export async function startHttp2Server(
  t: ExecutionContext,
  onStream: (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void,
  settings: http2.Settings = {},
): Promise<{
  readonly port: number;
  readonly sessions: http2.ServerHttp2Session[];
  readonly server: http2.Http2Server;
}> {
  const sessions: http2.ServerHttp2Session[] = [];
  const server = http2.createServer({ settings });
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    onStream(stream as http2.ServerHttp2Stream, headers);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const session of sessions) session.destroy();
  });
  return { port: (server.address() as net.AddressInfo).port, sessions, server };
}

/** A node:http2 client of a port of loopback. */
export async function connectHttp2(
  t: ExecutionContext,
  port: number,
  options: http2.ClientSessionOptions = {},
): Promise<http2.ClientHttp2Session> {
  const session = http2.connect(`http://127.0.0.1:${port}`, options);
  session.on('error', () => undefined);
  t.teardown(() => session.destroy());
  await once(session, 'connect');
  return session;
}

/** What came of a request. */
export type Answer = {
  readonly status: number;
  readonly headers: http2.IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: http2.IncomingHttpHeaders | undefined;
};

/** Sends a request with this body, and reads the answer to its end. */
export async function askHttp2(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body?: string | Buffer,
): Promise<Answer> {
  const stream = session.request({ ':path': '/', ...headers }, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return readAnswer(stream);
}

/** Reads the answer to its end. */
export async function readAnswer(stream: http2.ClientHttp2Stream): Promise<Answer> {
  let trailers: http2.IncomingHttpHeaders | undefined;
  let got = '';
  stream.setEncoding('latin1');
  stream.on('trailers', (fields) => {
    trailers = fields;
  });
  stream.on('data', (data) => {
    got += data as string;
  });
  const [answer] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader];
  if (!stream.readableEnded) await once(stream, 'end');
  return { status: answer[':status'] ?? 0, headers: answer, body: got, trailers };
}
