import net from 'node:net';
import { markedSocketFd } from '../../../sidecar/intercept/mark.ts';
import { originalDestination } from '../../../sidecar/intercept/originalDestination.ts';

/**
 * The least that can stand where a sidecar does: it forwards each redirected connection to its original
 * destination, and prints `<direction> <destination> <peer>` for it. HEDDLE_SIDECAR_MARK marks its sockets.
 * `node forwarder.ts <ClusterIP> <address> <port>` also chooses this endpoint for that ClusterIP, as a mesh does.
 */
const [service, endpoint, endpointPort] = process.argv.slice(2);
const mark = Number(process.env['HEDDLE_SIDECAR_MARK'] ?? 0);

const listeners = [
  { direction: 'outbound', host: '127.0.0.1', port: 15_001, family: 4, from: undefined },
  { direction: 'outbound', host: '::1', port: 15_001, family: 6, from: undefined },
  { direction: 'inbound', host: '0.0.0.0', port: 15_006, family: 4, from: '127.0.0.6' },
  { direction: 'inbound', host: '::', port: 15_006, family: 6, from: '::6' },
] as const;

for (const { direction, host, port, family, from } of listeners) {
  net
    .createServer({ allowHalfOpen: true }, (downstream) => {
      const fd = (downstream as unknown as { _handle: { fd: number } })._handle.fd;
      const destination = originalDestination(fd, family);
      if (destination === undefined) throw new Error('conntrack does not know the connection');
      console.log(`${direction} ${destination.address} ${destination.port} ${downstream.remoteAddress ?? '?'}`);
      const upstream = mark === 0 ? new net.Socket() : new net.Socket({ fd: markedSocketFd(family, mark) });
      upstream.connect({
        ...(destination.address === service
          ? { host: endpoint, port: Number(endpointPort) }
          : { host: destination.address, port: destination.port }),
        ...(from === undefined ? {} : { localAddress: from }),
      });
      upstream.on('error', () => downstream.resetAndDestroy());
      downstream.on('error', () => upstream.destroy());
      downstream.pipe(upstream).pipe(downstream);
    })
    .listen({ host, port, ipv6Only: family === 6 }, () => console.log(`listening ${direction} ${family}`));
}
