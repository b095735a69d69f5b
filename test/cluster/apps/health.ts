import { type ServerHttp2Stream, createServer } from 'node:http2';

/** Serves gRPC's health check, always SERVING, for probes of type gRPC. */
export function serveHealth(port: number, host: string): void {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    const known = headers[':path'] === '/grpc.health.v1.Health/Check';
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': known ? '0' : '12' }));
    // A message that is not compressed, of two bytes: field 1, status, is 1, SERVING.
    stream.end(known ? Buffer.from([0, 0, 0, 0, 2, 8, 1]) : undefined);
  });
  server.listen(port, host);
}
