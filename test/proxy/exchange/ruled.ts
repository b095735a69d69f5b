import type { ExecutionContext } from 'ava';
import type { Retry, Rule } from '../../../routing/model.ts';
import { backendSample, matchSample, routeSample } from '../../routing/samples.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp, type Sidecar, type SidecarOptions } from '../harness.ts';
import { type Backend, RequestReader, type SeenRequest, startBackend } from '../backend.ts';
import { connect, type Peer } from '../peer.ts';

export const get = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';
export const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A POST with this body; `framing` where it is not by its length. */
export function post(body: string, framing = `Content-Length: ${body.length}`): string {
  return `POST /a HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n${body}`;
}

/** A client of a Service with these endpoints and one rule; of endpoints that cost the same the first is picked. */
export async function ruled(
  t: ExecutionContext,
  rule: Pick<Rule, 'timeouts' | 'retry'>,
  ports: readonly number[],
  options: SidecarOptions = {},
): Promise<{ readonly sidecar: Sidecar; readonly client: Peer; readonly service: number }> {
  const sidecar = setUp(t, { random: () => 0, ...options });
  const rules = [{ index: 0, matches: [matchSample()], filters: [], backends: [backendSample()], ...rule }];
  sidecar.apply(
    routingSample({ protocol: 'http1', routes: [{ ...routeSample([]), rules }] }),
    endpointsOf('cart', ...ports.map((port) => readyEndpoint(port))),
  );
  const service = await sidecar.service();
  return { sidecar, client: await connect(service), service };
}

export const busy = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 4\r\n\r\nbusy';
export const hour = 3_600_000;

/** A rule that is tried again once, at once, on 503, unless told otherwise. */
export function retrying(parts: Partial<Retry> = {}): { readonly retry: Retry } {
  return { retry: { attempts: 1, codes: [503], backoffMs: 0, ...parts } };
}

/** A server that answers each request as told, in the order in which they come to it, and then with 200. */
export async function answering(
  t: ExecutionContext,
  ...answers: readonly string[]
): Promise<Backend & { readonly requests: SeenRequest[] }> {
  const requests: SeenRequest[] = [];
  const backend = await startBackend(t, (peer) => {
    const reader = new RequestReader();
    peer.socket.on('data', (data) => {
      reader.add((data as Buffer).toString('latin1'));
      for (const seen of reader.requests.splice(0)) {
        peer.write(answers[requests.length] ?? ok);
        requests.push(seen);
      }
    });
    peer.socket.on('end', () => peer.end());
  });
  return { ...backend, requests };
}
