import net from 'node:net';
import tls from 'node:tls';
import test from 'ava';
import type { Connection } from '../../../proxy/socket/connection.ts';
import { dial } from '../../../proxy/socket/dial.ts';
import { createSocketHandle } from '../../../proxy/socket/handle.ts';
import type { Pipe } from '../../../proxy/socket/pipes.ts';
import { asRaw, RawConnection } from '../../../proxy/socket/rawConnection.ts';
import { emptyPipe, fillPipe } from '../../../proxy/socket/splice.ts';
import { startBackend } from '../backend.ts';
import { TlsConnection } from './tlsConnection.ts';

/** All that a raw connection shows, without being one. */
type Lookalike = Pick<RawConnection, keyof RawConnection>;

const bytes = Buffer.from('never in the clear');
const pipe = (): Pipe => ({ readFd: -1, writeFd: -1, held: 1 });
const asIs = (connection: RawConnection): RawConnection => connection;

/**
 * Each of these would lead bytes past a layer, so none may compile: `npm run check:types` fails as soon as one does, since
 * nothing is there to expect then.
 */
const waysPast: Readonly<Record<string, (connection: Connection, lookalike: Lookalike) => unknown>> = {
  // @ts-expect-error a Connection cannot send past what it is
  'send on a Connection': (connection) => connection.send(bytes, bytes.length, false),
  // @ts-expect-error nor is it known to be idle
  'idle of a Connection': (connection) => connection.idle,
  // @ts-expect-error it has no descriptor
  'fd of a Connection': (connection) => connection.fd,
  // @ts-expect-error it shows no handle
  'handle of a Connection': (connection) => connection.handle,
  // @ts-expect-error a raw connection hides its handle too
  'handle of a raw connection': (connection) => asRaw(connection)?.handle,
  // @ts-expect-error splicing reads from raw connections
  'fillPipe from a Connection': (connection) => fillPipe(pipe(), connection),
  // @ts-expect-error and writes to them
  'emptyPipe into a Connection': (connection) => emptyPipe(pipe(), connection),
  // @ts-expect-error whatever has the same members
  'fillPipe from a lookalike': (_, lookalike) => fillPipe(pipe(), lookalike),
  // @ts-expect-error whatever has the same members
  'emptyPipe into a lookalike': (_, lookalike) => emptyPipe(pipe(), lookalike),
  // @ts-expect-error no Connection is a raw one without being asked
  'a Connection in place of a raw one': (connection) => asIs(connection),
  // @ts-expect-error nor is what looks like one
  'a lookalike in place of a raw one': (_, lookalike) => asIs(lookalike),
  // @ts-expect-error and none is made but over a socket of its own
  'a raw connection by new': () => new RawConnection(createSocketHandle(), undefined),
  // @ts-expect-error nothing can be both a layer and raw
  'a class that extends the raw one': () => class extends RawConnection {},
};

test('nothing leads past a layer, neither by types nor at run time', (t) => {
  const layered = new TlsConnection(new tls.TLSSocket(new net.Socket()));
  t.is(Object.keys(waysPast).length, 13);
  t.is(asRaw(layered), undefined);
  t.throws(() => waysPast['send on a Connection']?.(layered, {} as Lookalike));
  t.false(layered instanceof RawConnection);
  layered.destroy();
});

test('a dialled connection is raw', async (t) => {
  const backend = await startBackend(t, () => undefined);
  const connection = dial({ address: '127.0.0.1', port: backend.port }, undefined, () => undefined);
  t.teardown(() => connection.destroy());
  t.is(asRaw(connection), connection);
  t.true(connection.fd >= -1);
});
