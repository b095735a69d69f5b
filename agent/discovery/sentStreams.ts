import diagnostics from 'node:diagnostics_channel';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Metadata } from '@grpc/grpc-js';
import { Arrivals } from './arrivals.ts';
import { peerAddress } from './identity.ts';
import type { SentBudget, SentStream } from './sentBudget.ts';

/** What a call has sent. */
export type Sent = SentStream & {
  /** The first of the messages that wait was taken. */
  taken(): void;
};

/** Finds the stream of a call by the call's metadata. */
export type SentStreams = { of(metadata: Metadata): Sent | undefined; close(): void };

const channel = 'http2.server.stream.created';
/** grpc-js shows of a stream nothing but its fields; this one no client can set. */
const numberField = 'heddle-stream-number';

/**
 * Has each stream of a server count what arrives on it, before anybody reads: grpc-js collects unfinished messages, and
 * reads whole ones ahead, without a word, and what Node holds back while nobody reads is no less. `isOurs` says which
 * connections are the server's.
 */
export function followSentStreams(
  budget: SentBudget,
  isOurs: (connection: string, localPort: number | undefined) => boolean,
): SentStreams {
  const streams = new Map<string, Sent>();
  let last = 0;

  const onCreated = (message: unknown): void => {
    const { stream, headers } = message as { stream: ServerHttp2Stream; headers: IncomingHttpHeaders };
    const { remoteAddress, remotePort, localPort } = stream.session?.socket ?? {};
    const connection = `${remoteAddress}:${remotePort}`;
    if (!isOurs(connection, localPort)) return;
    last += 1;
    const number = String(last);
    const sent = follow(stream, connection, lengthOf(headers));
    headers[numberField] = number;
    refuseCompression(headers);
    streams.set(number, sent);
    budget.add(sent);
    stream.once('close', () => {
      streams.delete(number);
      budget.remove(sent);
    });
  };

  function follow(stream: ServerHttp2Stream, connection: string, headBytes: number): Sent {
    const arrivals = new Arrivals();
    const push = stream.push.bind(stream);
    stream.push = (piece: Buffer | null) => {
      if (piece !== null) budget.note(arrivals.add(piece));
      if (arrivals.isShredded) budget.refuse(sent);
      return push(piece);
    };
    const sent: Sent = {
      connection,
      holder: peerAddress(connection),
      held: () => headBytes + arrivals.held,
      taken: () => arrivals.take(),
    };
    return sent;
  }

  diagnostics.subscribe(channel, onCreated);
  return {
    of: (metadata) => streams.get(metadata.get(numberField)[0]?.toString() ?? ''),
    close: () => void diagnostics.unsubscribe(channel, onCreated),
  };
}

function lengthOf(headers: IncomingHttpHeaders): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
}

/** No sidecar compresses, and three megabytes of nothing are three kilobytes on their way. grpc-js says UNIMPLEMENTED. */
function refuseCompression(headers: IncomingHttpHeaders): void {
  const encoding = headers['grpc-encoding'];
  if (encoding !== undefined && encoding !== 'identity') headers['grpc-encoding'] = `${String(encoding)}, refused here`;
}
