import type { Candidate } from '../candidates/candidate.ts';
import {
  haproxyHttp,
  haproxyHttp2,
  haproxyHttp2LargeBuffers,
  haproxyLargeBuffers,
  haproxySplice,
  haproxyTcp,
} from '../candidates/haproxy.ts';
import { nginxHttp } from '../candidates/nginx.ts';
import type { ServiceName } from '../objects.ts';
import { allowedOrigin } from '../ruleFeatures.ts';
import { askEvenly, askHttp2, askWith, runWith } from './loads.ts';
import { perRequest, type Row, type Work } from './row.ts';
import { rightAnswer } from './rightAnswer.ts';

/** Our own candidates for a Service. */
export type Ours = (service: ServiceName, name?: string) => readonly Candidate[];

const againstHaproxy = { reference: ['haproxy, httplog', 'haproxy, httplog, 256 KB'], compare: 'ratio' } as const;
const againstHaproxyHttp2 = {
  reference: ['haproxy, httplog, h2', 'haproxy, httplog, h2, 256 KB'],
  compare: 'ratio',
} as const;
const perHttpRequest = { unit: 'µs/request', per: perRequest } as const;
const perGigabyte = {
  unit: 'ms/GB',
  per: (cpuMicros: number, { amount }: Work) => cpuMicros / 1000 / (amount / 1e9),
} as const;
const otherAim = 'ratio 1.10, not done above 1.30';

/** The rows that measure CPU or latency, by what `--row` calls them. `more`: candidates of the first. */
export function trafficRows(ours: Ours, more: readonly Candidate[]): Readonly<Record<string, Row>> {
  const http2 = (connections: number, streams: number, aim: string): Row => ({
    title: `HTTP/2, ${connections} connections × ${streams} streams, POST of 200 bytes, 1 KB response, access log`,
    ...perHttpRequest,
    ...againstHaproxyHttp2,
    aim,
    backends: ['http2'],
    candidates: [...ours('http2'), haproxyHttp2('http2')],
    drive: askHttp2(connections, streams),
  });
  return {
    'http2-8x32': http2(8, 32, 'ratio 0.90, not done above 1.10'),
    'http2-64x1': http2(64, 1, 'ratio 0.95, not done above 1.15'),
    'http2-4x1': http2(4, 1, 'ratio 0.95, not done above 1.15'),
    'http2-stream': {
      title: 'HTTP/2, 1 stream of 1 GB from the server, frames of 16 KB, windows of 16 MB at the client, access log',
      ...perGigabyte,
      ...againstHaproxyHttp2,
      aim: 'ratio 1.00, not done above 1.30',
      backends: ['http2Stream'],
      candidates: [...ours('http2Stream'), haproxyHttp2('http2Stream'), haproxyHttp2LargeBuffers('http2Stream')],
      drive: runWith('takeHttp2.ts', 1),
    },
    http: {
      title: 'HTTP/1.1, 64 keep-alive connections, 7 request headers, 1 KB response, 50 rules, metrics and access log',
      ...perHttpRequest,
      ...againstHaproxy,
      aim: 'ratio 1.05, not done above 1.14; on a slow machine 1.20 and 1.35',
      backends: ['http'],
      candidates: [...ours('http'), haproxyHttp('http'), nginxHttp, ...more],
      drive: askWith({ connections: 64 }),
    },
    tcp: {
      title: 'opaque TCP, 4 connections, 256 KB buffers',
      ...perGigabyte,
      backends: ['tcp'],
      reference: [haproxyTcp.name, haproxySplice.name],
      compare: 'ratio',
      aim: 'ratio 0.95, not done above 1.15',
      candidates: [...ours('tcp'), haproxyTcp, haproxySplice],
      drive: runWith('drain.ts', 4),
    },
    post: {
      title: 'POST of 16 KB, 64 keep-alive connections, access log',
      ...perHttpRequest,
      ...againstHaproxy,
      aim: otherAim,
      backends: ['post'],
      candidates: [...ours('post'), haproxyHttp('post'), haproxyLargeBuffers('post')],
      drive: askWith({ connections: 64, bodyBytes: 16_384 }),
    },
    large: {
      title: 'response of 100 KB, 64 keep-alive connections, access log',
      ...perHttpRequest,
      ...againstHaproxy,
      aim: otherAim,
      backends: ['large'],
      candidates: [...ours('large'), haproxyHttp('large'), haproxyLargeBuffers('large')],
      drive: askWith({ connections: 64 }),
    },
    connect: {
      title: 'a new connection for each request, 64 at a time, 1 KB response, 50 rules, access log',
      ...perHttpRequest,
      ...againstHaproxy,
      aim: otherAim,
      backends: ['http'],
      candidates: [...ours('http'), haproxyHttp('http')],
      drive: askWith({ connections: 64, headers: ['Connection: close'] }),
    },
    websocket: {
      title: 'WebSocket, 64 connections, each echoing a frame of 1 KB at a time',
      unit: 'µs/echo',
      per: perRequest,
      ...againstHaproxy,
      aim: otherAim,
      backends: ['websocket'],
      candidates: [...ours('websocket'), haproxyHttp('websocket')],
      drive: runWith('frames.ts', 64),
    },
    latency: {
      title: 'one hop at 1,000 requests/s, evenly, 16 keep-alive connections, 1 KB response, access log',
      ...perHttpRequest,
      ...againstHaproxy,
      aim: 'p50 0.25 ms, p99 0.45 ms; not done above 0.35 and 0.80',
      backends: [],
      candidates: [...ours('latency'), haproxyHttp('latency')],
      drive: askEvenly(1000),
    },
    rule: {
      title: 'a rule with timeouts, retry, CORS (and an Origin that it allows) and a mirror of 0 %, 64 connections',
      ...perHttpRequest,
      reference: ['plain rule'],
      compare: 'difference',
      aim: 'all of them +1.0 µs, not done above +2.0 µs',
      backends: ['http'],
      candidates: [
        ...ours('plain', 'plain rule'),
        ...ours('timeouts', 'timeouts'),
        ...ours('retry', 'retry'),
        ...ours('cors', 'CORS'),
        ...ours('mirror', 'mirror of 0 %'),
        ...ours('together', 'all of them'),
      ],
      drive: askWith({ connections: 64, headers: [`Origin: ${allowedOrigin}`] }),
      refuses: rightAnswer,
    },
  };
}
