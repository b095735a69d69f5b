import type { ExecutionContext } from 'ava';
import { preface } from '../../../proxy/http2/protocol.ts';
import { type Backend, startBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type SidecarOptions } from '../harness.ts';
import type { Peer } from '../peer.ts';
import { connectHttp2 } from './clients.ts';
import { both, emptySettings, frame, framesOf, headers, okBlock, ping, type Seen } from './raw.ts';

/** What a raw server has got of frames, without the preface. */
export const got = (peer: Peer): Seen[] => framesOf(peer, preface.length);

/** A raw HTTP/2 server that says `onRequest` what it sends to each. */
export async function startRaw(
  t: ExecutionContext,
  onRequest: (peer: Peer, id: number, connection: number) => void,
  hello = emptySettings,
): Promise<Backend> {
  return startBackend(t, (peer, index) => {
    let seen = 0;
    peer.write(hello);
    peer.socket.on('data', () => {
      if (peer.text.length < preface.length) return;
      const frames = got(peer).slice(seen);
      seen += frames.length;
      for (const { type, id, flags, payload } of frames) {
        if (type === headers) onRequest(peer, id, index);
        if (type === ping && flags === 0) peer.write(frame(ping, 1, 0, payload));
      }
    });
    peer.socket.on('end', () => peer.end());
  });
}

/** A client of a Service in HTTP/2 whose endpoints these are. */
export async function setUpService(t: ExecutionContext, backends: readonly Backend[], options: SidecarOptions = {}) {
  const sidecar = setUp(t, { random: () => 0, ...options });
  const endpoints = backends.map(({ port }) => readyEndpoint(port));
  sidecar.apply(routingSample({ protocol: 'http2' }), endpointsOf('cart', ...endpoints));
  const session = await connectHttp2(t, await sidecar.service());
  return { sidecar, session };
}

/** Answers 200 without a body. */
export const ok = (peer: Peer, id: number): void => peer.write(frame(headers, both, id, okBlock));
