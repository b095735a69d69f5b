import koffi from 'koffi';

const libc = koffi.load(null);
const socketC = libc.func('socket', 'int', ['int', 'int', 'int']);
const setsockoptC = libc.func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32_t']);
const bindC = libc.func('bind', 'int', ['int', 'void *', 'uint32_t']);
const listenC = libc.func('listen', 'int', ['int', 'int']);
const closeC = libc.func('close', 'int', ['int']);

const stream = 1;
const backlog = 511;
const reuseAddress = { level: 1, option: 2 };
const ipv6Only = { level: 41, option: 26 };

/**
 * Listens on a port of every address, of each family that there is, with sockets that survive execve(2), which Node's own
 * do not. None where one of them cannot be had: the program that is begun then says why.
 */
export function openEarlySockets(port: number): readonly number[] {
  const sockets: number[] = [];
  for (const family of [4, 6] as const) {
    const socket = open(family);
    if (socket < 0) continue;
    sockets.push(socket);
    const address = addressOf(family, port);
    if (bindC(socket, address, address.length) === 0 && listenC(socket, backlog) === 0) continue;
    // An address family that is switched off has sockets, but no address.
    if (koffi.errno() === koffi.os.errno['EADDRNOTAVAIL']) closeC(sockets.pop());
    else {
      for (const fd of sockets) closeC(fd);
      return [];
    }
  }
  return sockets;
}

function open(family: 4 | 6): number {
  const socket: number = socketC(numberOf(family), stream, 0);
  if (socket < 0) return socket;
  const on = Int32Array.of(1);
  for (const { level, option } of family === 6 ? [reuseAddress, ipv6Only] : [reuseAddress])
    setsockoptC(socket, level, option, on, on.byteLength);
  return socket;
}

/** sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)) of the unspecified address. */
function addressOf(family: 4 | 6, port: number): Buffer {
  const address = Buffer.alloc(family === 4 ? 16 : 28);
  address.writeUInt16LE(numberOf(family), 0);
  address.writeUInt16BE(port, 2);
  return address;
}

function numberOf(family: 4 | 6): number {
  return family === 4 ? 2 : 10;
}
