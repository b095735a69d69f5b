import type { ExecutionContext } from 'ava';
import { setUp, type SidecarOptions } from '../harness.ts';
import { startHttp2Server } from './clients.ts';

/** A sidecar in front of a server that answers GET with so many bytes, and to everything else says nothing. */
export async function setUpFlooded(t: ExecutionContext, bytes = 2, options: SidecarOptions = {}) {
  const server = await startHttp2Server(t, (stream, fields) => {
    if (fields[':method'] !== 'GET') return stream.pause();
    stream.respond({ ':status': 200 });
    return stream.end(Buffer.alloc(bytes, 'x'));
  });
  const sidecar = setUp(t, options);
  const port = await sidecar.straight(server.port);
  return { server, sidecar, port };
}
