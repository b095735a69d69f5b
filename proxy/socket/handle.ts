import util from 'node:util';

/** A request of libuv's that is under way; `oncomplete` is called with 0, or a negative error number. */
type UvRequest = { oncomplete: (status: number) => void };

/** What libuv writes; what it writes must be kept meanwhile. */
export type WriteRequest = UvRequest & { copy?: Buffer };

type SocketName = { address?: string; port?: number; family?: string };

/**
 * libuv's TCP handle as Node wraps it. Private to Node, so it is named here and nowhere else (ARCHITECTURE.md). Calls
 * return 0, or a negative error number.
 */
export type TcpHandle = {
  /** -1 once it is closed. */
  readonly fd: number;
  readonly writeQueueSize: number;
  /** Of a listener. */
  onconnection?: (status: number, accepted: TcpHandle) => void;
  /** Called when `lastRead` tells of something; what it returns is the buffer for the next read, undefined: the same. */
  onread?: () => Buffer | undefined;
  /** Whom `onread` is about: it is called with the handle as `this`. */
  reader?: unknown;
  open(fd: number): number;
  bind(address: string, port: number, flags?: number): number;
  bind6(address: string, port: number, flags: number): number;
  listen(backlog: number): number;
  connect(request: UvRequest, address: string, port: number): number;
  connect6(request: UvRequest, address: string, port: number): number;
  getsockname(into: SocketName): number;
  getpeername(into: SocketName): number;
  setNoDelay(on: boolean): number;
  setKeepAlive(on: boolean, delaySeconds: number): number;
  /** Once: reads go into this buffer, until `onread` returns another. */
  useUserBuffer(buffer: Buffer): void;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  writeLatin1String(request: WriteRequest, text: string): number;
  shutdown(request: UvRequest): number;
  close(onClosed?: () => void): void;
};

type Bindings = {
  binding(name: 'tcp_wrap'): TcpWrap;
  binding(name: 'stream_wrap'): StreamWrap;
};
type TcpWrap = {
  readonly TCP: new (kind: number) => TcpHandle;
  readonly TCPConnectWrap: new () => UvRequest;
  readonly constants: { readonly SOCKET: number; readonly SERVER: number };
};
type StreamWrap = {
  readonly WriteWrap: new () => WriteRequest;
  readonly ShutdownWrap: new () => UvRequest;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
};

// Node's sockets are made of these. A net.Socket on top of one costs a new connection twice as much CPU, and an idle one
// twice as much memory: two streams with their states, buffers, listeners and ticks.
const node = process as unknown as Bindings;
const { TCP, TCPConnectWrap, constants } = node.binding('tcp_wrap');
const { WriteWrap, ShutdownWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = node.binding('stream_wrap');

export const endOfStream = -4095;

export const createSocketHandle = (): TcpHandle => new TCP(constants.SOCKET);
export const createListenerHandle = (): TcpHandle => new TCP(constants.SERVER);
export const createConnectRequest = (): UvRequest => new TCPConnectWrap();
export const createWriteRequest = (): WriteRequest => new WriteWrap();
export const createShutdownRequest = (): UvRequest => new ShutdownWrap();

/** Within `onread`: how many bytes have come; negative: endOfStream, or the number of an error. */
export function lastRead(): number {
  return streamBaseState[kReadBytesOrError] ?? 0;
}

/** Behind a write that has begun: whether its `oncomplete` will come; else it is done. */
export function lastWriteGoesOn(): boolean {
  return streamBaseState[kLastWriteWasAsync] !== 0;
}

/** The error that libuv has the (negative) number of. `about`: what it is about, for its message. */
export function uvError(number: number, call: string, about = ''): NodeJS.ErrnoException {
  const code = util.getSystemErrorName(number);
  const message = about === '' ? `${call} ${code}` : `${call} ${code}: ${util.getSystemErrorMessage(number)} ${about}`;
  return Object.assign(new Error(message), { errno: number, code, syscall: call });
}

/** The address of the peer; empty when it cannot be told any more. */
export function peerAddress(handle: TcpHandle): string {
  const name: SocketName = {};
  return handle.getpeername(name) === 0 ? (name.address ?? '') : '';
}

/** Our own address; empty when it cannot be told any more. */
export function ownAddress(handle: TcpHandle): string {
  const name: SocketName = {};
  return handle.getsockname(name) === 0 ? (name.address ?? '') : '';
}
