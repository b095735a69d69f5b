import type http2 from 'node:http2';
import type { ExecutionContext } from 'ava';
import type { EndpointPolicy, Rule } from '../../../routing/model.ts';
import { backendSample, matchSample, routeSample, rpc } from '../../routing/samples.ts';
import { endpointsOf, readyEndpoint, routingSample, setUp } from '../harness.ts';
import { type Answer, askHttp2, connectHttp2, startHttp2Server } from './clients.ts';

export const grpc = { 'content-type': 'application/grpc' };
export const call = { ':method': 'POST', ':path': '/shop.Cart/Add', te: 'trailers', ...grpc };
export const message = Buffer.from('\0\0\0\0\x01x', 'latin1');

/** What a server does with an RPC. */
export type Serve = (stream: http2.ServerHttp2Stream, index: number) => void;

/** Ends an RPC with a head that says all. */
export const ending =
  (status: number): Serve =>
  (stream) =>
    stream.respond({ ':status': 200, ...grpc, 'grpc-status': String(status) }, { endStream: true });

/** Answers with a message, and ends with this status in trailers. */
export const answering =
  (status = 0): Serve =>
  (stream) => {
    stream.respond({ ':status': 200, ...grpc }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(status) }));
    stream.end(message);
  };

/** Answers the first RPC, by which the connection is made, and does that with all others. */
export const afterFirst =
  (then: Serve): Serve =>
  (stream, index) =>
    (index === 0 ? answering() : then)(stream, index);

/** A client of a Service with one rule of a GRPCRoute, and a server for each way to serve. */
export async function setUpRPCs(
  t: ExecutionContext,
  servers: readonly Serve[],
  given: Partial<Rule> = {},
  { policy }: { readonly policy?: EndpointPolicy } = {},
) {
  const seen: http2.IncomingHttpHeaders[][] = [];
  const started = await Promise.all(
    servers.map((serve, at) => {
      const own: http2.IncomingHttpHeaders[] = [];
      seen[at] = own;
      return startHttp2Server(t, (stream, headers) => {
        own.push(headers);
        stream.resume();
        serve(stream, own.length - 1);
      });
    }),
  );
  const sidecar = setUp(t, { random: () => 0 });
  const target = { type: 'Endpoints', endpoints: 'shop/cart:80', protocol: 'http2' } as const;
  const matches = [matchSample({ path: rpc('Exact', 'shop.Cart') })];
  const rule = { index: 0, matches, filters: [], backends: [backendSample({ target })], ...given };
  const route = { ...routeSample([], { kind: 'GRPCRoute' }), rules: [rule] };
  const endpoints = endpointsOf('cart', ...started.map(({ port }) => readyEndpoint(port)));
  sidecar.apply(routingSample({ protocol: 'http2', routes: [route] }), {
    ...endpoints,
    ...(policy === undefined ? {} : { policy }),
  });
  const session = await connectHttp2(t, await sidecar.service());
  const ask = (headers: http2.OutgoingHttpHeaders = {}): Promise<Answer> =>
    askHttp2(session, { ...call, ...headers }, message);
  return { sidecar, session, ask, seen, started };
}
