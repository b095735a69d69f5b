import { once } from 'node:events';
import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import type { ExecutionContext } from 'ava';
import { makeCa } from '../../certificates.ts';
import type { Connection } from '../../../proxy/socket/connection.ts';
import type { DialTarget } from '../../../proxy/socket/dial.ts';
import { type Backend, startBackend } from '../backend.ts';
import { endpointsOf, readyEndpoint, routingSample, type Sidecar, setUp } from '../harness.ts';
import { connect, Peer } from '../peer.ts';
import { findPlainText, type Relay, startRelay } from './relay.ts';
import { TlsConnection } from './tlsConnection.ts';

/** Stands in every message and body of these tests, and must stand on no wire. */
export const secret = 'never-in-the-clear ';

const serverName = 'layer.test';

/** Which sides of the sidecar speak TLS. */
export type Sides = { readonly client: 'tls' | 'raw'; readonly server: 'tls' | 'raw' };

/** A sidecar between a client and a backend, with a relay that looks at the wire before and after it. */
export type Mesh = {
  readonly sidecar: Sidecar;
  readonly backend: Backend;
  /** Between client and sidecar, and between sidecar and backend. */
  readonly relays: { readonly near: Relay; readonly far: Relay };
  connect(): Promise<Peer>;
  /** What passed as plain text where it must not. */
  plainText(): readonly string[];
};

type Serving = { readonly protocol: 'detect' | 'opaque'; readonly serve: (peer: Peer) => void };

/** Starts all of it; every TLS connection is a real one, with a certificate of a CA made for the test. */
export async function startMesh(t: ExecutionContext, sides: Sides, { protocol, serve }: Serving): Promise<Mesh> {
  const ca = await makeCa();
  const identity = { ...(await ca.issue({ names: [serverName] })), minVersion: 'TLSv1.3' as const };
  const sockets: net.Socket[] = [];
  t.teardown(() => closeAll(sockets));
  const makeServer = (onSocket: (socket: net.Socket) => void): net.Server =>
    tls.createServer({ ...identity, allowHalfOpen: true } as tls.TlsOptions, (socket) => {
      sockets.push(socket);
      onSocket(socket);
    });
  const call = (port: number, onSecure: () => void): tls.TLSSocket => {
    const options = { port, host: '127.0.0.1', servername: serverName, ca: ca.pem, allowHalfOpen: true };
    const socket = tls.connect(options as tls.ConnectionOptions, onSecure);
    sockets.push(socket);
    return socket;
  };
  const backend = await startBackend(t, serve, sides.server === 'tls' ? { makeServer } : {});
  const far = await startRelay(t, 'sidecar and server', backend.port);
  const sidecar = setUp(t, {
    ...(sides.server === 'tls' ? { dial: dialBy(call) } : {}),
    ...(sides.client === 'tls' ? { accept: (onConnection) => makeServer(asTls(onConnection)) } : {}),
  });
  sidecar.apply(routingSample({ protocol }), endpointsOf('cart', readyEndpoint(far.port)));
  const near = await startRelay(t, 'client and sidecar', await sidecar.service());
  return {
    sidecar,
    backend,
    relays: { near, far },
    async connect() {
      if (sides.client === 'raw') return connect(near.port);
      const socket = call(near.port, () => undefined);
      const peer = new Peer(socket);
      await once(socket, 'secureConnect');
      return peer;
    },
    plainText: () =>
      [...(sides.client === 'tls' ? near.wires : []), ...(sides.server === 'tls' ? far.wires : [])].flatMap((wire) => {
        const problem = findPlainText(wire, secret);
        return problem === undefined ? [] : [`${wire.title}: ${problem}`];
      }),
  };
}

/** So that none outlives its test. */
async function closeAll(sockets: readonly net.Socket[]): Promise<void> {
  for (const socket of sockets) socket.destroy();
  for (let turn = 0; turn < 1000 && sockets.some(({ closed }) => !closed); turn++) await sleep(10);
}

function asTls(onConnection: (connection: Connection) => void): (socket: net.Socket) => void {
  return (socket) => onConnection(new TlsConnection(socket as tls.TLSSocket));
}

function dialBy(call: (port: number, onSecure: () => void) => tls.TLSSocket) {
  return ({ port }: DialTarget, onConnect: () => void): Connection => new TlsConnection(call(port, onConnect));
}
