import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from './badMessages.ts';
import { grpcMessage } from '../../grpcMessage.ts';
import type { Kind } from './kinds.ts';

type ToStream = (stream: ServerHttp2Stream) => void | Promise<void>;

const grpc = { ':status': 200, 'content-type': 'application/grpc' } as const;
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const instead: Readonly<Record<string, ToStream>> = {
  ...Object.fromEntries(
    [100, 200, 204, 301, 400, 404, 429, 500, 502, 503].map((status) => [`HTTP ${status}`, plain(status)]),
  ),
  ...Object.fromEntries(range(17).map((code) => [`gRPC status ${code} at once`, trailersOnly(`${code}`)])),
  'a gRPC status that is none': trailersOnly('ninety'),
  'a gRPC status of 40 digits': trailersOnly('9'.repeat(40)),
  HTML: (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'text/html' });
    stream.end('<html>');
  },
  'a header of 30 KB': (stream) => {
    stream.respond({ ...grpc, 'x-large': 'x'.repeat(30_000) });
    stream.end();
  },
  'reset before headers': (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
  'connection lost before headers': (stream) => stream.session?.destroy(),
};

const behind: Readonly<Record<string, ToStream>> = {
  ...Object.fromEntries(
    range(14).map((code) => [`reset with code ${code}`, (stream: ServerHttp2Stream) => stream.close(code)]),
  ),
  GOAWAY: (stream) => {
    stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    stream.close(constants.NGHTTP2_CANCEL);
  },
  'an end without trailers': (stream) => void stream.end(),
  'half a message, then the end': (stream) => void stream.end(grpcMessage(Buffer.from('half'), 100)),
  'half a head of a message, then the end': (stream) => void stream.end(Buffer.from([0, 0])),
  'a message of 4 GB announced': (stream) => {
    stream.write(grpcMessage(Buffer.from('x'), 0xff_ff_ff_ff));
  },
  'a message of 6 MB': (stream) => {
    stream.write(grpcMessage(Buffer.alloc(6_000_000)));
  },
  'a compressed message without a compression': (stream) => {
    stream.write(grpcMessage(Buffer.from('zip'), 3, 1));
  },
  'connection lost': (stream) => stream.session?.destroy(),
  'silence for a second, then the end': async (stream) => {
    await sleep(1000);
    stream.end();
  },
  'half a message byte by byte': async (stream) => {
    for (const byte of grpcMessage(Buffer.from('slowly'), 100)) {
      if (!stream.closed) stream.write(Buffer.from([byte]));
      await sleep(30);
    }
    stream.end();
  },
  ...Object.fromEntries(range(10).map((seed) => [`${10 ** (1 + (seed % 5))} random bytes (${seed})`, random(seed)])),
};

const connections: Readonly<Record<string, (socket: Socket) => Promise<void>>> = {
  'closed at once': ends(''),
  'HTTP/1.1': ends('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'),
  'an SSH greeting': ends('SSH-2.0-OpenSSH_9\r\n'),
  'a TLS alert': ends(Buffer.from([21, 3, 3, 0, 2, 2, 40])),
  'random bytes instead of HTTP/2': ends(randomBytes(7, 1000)),
  'half of its settings': ends(Buffer.from([0, 0, 6, 4])),
  'a frame of 16 MB announced': ends(Buffer.from([255, 255, 255, 0, 0, 0, 0, 0, 1])),
  reset: async (socket) => {
    socket.resetAndDestroy();
  },
};

/** Streams and connections that come to nothing. */
export const badStreams: readonly Kind[] = [
  ...Object.entries(instead).map(([name, to]) => ({ type: 'stream', when: 'instead', name, to }) as const),
  ...Object.entries(behind).map(([name, to]) => ({ type: 'stream', when: 'behind', name, to }) as const),
  ...Object.entries(connections).map(([name, to]) => ({ type: 'connection', name, to }) as const),
];

function plain(status: number): ToStream {
  return (stream) => {
    if (status < 200) stream.additionalHeaders({ ':status': status });
    else stream.respond({ ':status': status });
    stream.end();
  };
}

function trailersOnly(status: string): ToStream {
  return (stream) =>
    stream.respond({ ...grpc, 'grpc-status': status, 'grpc-message': 'nonsense' }, { endStream: true });
}

/** They may announce a message that never comes whole. */
function random(seed: number): ToStream {
  return (stream) => void stream.end(randomBytes(seed, 10 ** (1 + (seed % 5))));
}

function ends(bytes: string | Uint8Array): (socket: Socket) => Promise<void> {
  return async (socket) => {
    socket.end(bytes);
    await sleep(20);
    socket.destroy();
  };
}
