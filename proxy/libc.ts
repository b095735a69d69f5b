import koffi from 'koffi';

const libc = koffi.load(null);

type SocketOption = { readonly fd: number; readonly level: number; readonly option: number };

const getsockoptC = libc.func('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']);
const setsockoptC = libc.func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32_t']);
const socketC = libc.func('socket', 'int', ['int', 'int', 'int']);
const recvC = libc.func('recv', 'long', ['int', 'void *', 'size_t', 'int']);
const sendC = libc.func('send', 'long', ['int', 'void *', 'size_t', 'int']);
const shutdownC = libc.func('shutdown', 'int', ['int', 'int']);
const readC = libc.func('read', 'long', ['int', 'void *', 'size_t']);
const fcntlC = libc.func('int fcntl(int, int, ...)');
const ioctlC = libc.func('int ioctl(int, ulong, ...)');
const madviseC = libc.func('madvise', 'int', ['uintptr_t', 'size_t', 'int']);
const closeC = libc.func('close', 'int', ['int']);
const setpriorityC = libc.func('setpriority', 'int', ['int', 'uint32_t', 'int']);
const syscallC = libc.func('long syscall(long, ...)');
const mallocTrimC = ifThere(() => libc.func('malloc_trim', 'int', ['size_t']));
const malloptC = ifThere(() => libc.func('mallopt', 'int', ['int', 'int']));
const pipeC = ifThere(() => libc.func('pipe2', 'int', ['void *', 'int']));
const spliceC = ifThere(() => libc.func('splice', 'long', ['int', 'void *', 'int', 'void *', 'size_t', 'uint']));

// Looked up once: it is asked before every request.
const tryAgain = koffi.os.errno['EAGAIN'];
const noBuffers = koffi.os.errno['ENOBUFS'];
const length = new Uint32Array(1);
const queued = new Int32Array(1);

/** getsockopt(2) into `value`, whose whole length is offered; false on any error. */
export function getSocketOption({ fd, level, option }: SocketOption, value: Uint8Array): boolean {
  length[0] = value.length;
  return getsockoptC(fd, level, option, value, length) === 0;
}

/** setsockopt(2) of an int; throws with errno and its name when refused. */
export function setSocketOption({ fd, level, option }: SocketOption, value: number): void {
  const int = Int32Array.of(value);
  if (setsockoptC(fd, level, option, int, int.byteLength) !== 0) throw systemError('setsockopt');
}

/** Has the close(2) that follows drop what waits and send a reset (SO_LINGER of 0 seconds); nothing on any error. */
export function resetOnClose(fd: number): void {
  const [solSocket, soLinger] = [1, 13];
  const onForNoTime = Int32Array.of(1, 0);
  setsockoptC(fd, solSocket, soLinger, onForNoTime, onForNoTime.byteLength);
}

/** Has TCP take no more than so many bytes that it cannot send yet (TCP_NOTSENT_LOWAT, tcp(7)); nothing on any error. */
export function limitUnsent(fd: number, bytes: number): void {
  const [ipprotoTcp, notsentLowat] = [6, 25];
  const int = Int32Array.of(bytes);
  setsockoptC(fd, ipprotoTcp, notsentLowat, int, int.byteLength);
}

/** socket(2); throws with errno and its name. The caller owns the fd. */
export function openSocket(domain: number, type: number): number {
  const fd: number = socketC(domain, type, 0);
  if (fd < 0) throw systemError('socket');
  return fd;
}

/** recv(2): the number of bytes, 0 at the end of the stream, -1 on any error. */
export function receive(fd: number, into: Uint8Array, flags: number): number {
  return recvC(fd, into, into.length, flags);
}

/** send(2) of the first `count` bytes: how many were taken, -1 on any error. Node ignores SIGPIPE. */
export function send(fd: number, bytes: Uint8Array, count: number, flags: number): number {
  return sendC(fd, bytes, count, flags);
}

/** shutdown(2) of what is sent: a FIN leaves behind all that the kernel holds; nothing on any error. */
export function shutdownWrite(fd: number): void {
  const shutWr = 1;
  shutdownC(fd, shutWr);
}

/** read(2): the number of bytes, 0 at the end, -1 on any error. */
export function read(fd: number, into: Uint8Array, count: number): number {
  return readC(fd, into, count);
}

/** splice(2), which never waits: the number of bytes moved, 0 at the end of the stream, -1 on any error. */
export function splice(from: number, to: number, count: number): number {
  const moveWithoutWaiting = 1 | 2;
  return spliceC?.(from, null, to, null, count, moveWithoutWaiting) ?? -1;
}

/**
 * pipe2(2) with room for `bytes`, neither waiting nor inherited: the ends to read and to write, which the caller owns.
 * Undefined where splice(2) is missing, and where the user or the process may have no more (pipe(7)).
 */
export function openPipe(bytes: number): { readonly readFd: number; readonly writeFd: number } | undefined {
  const nonBlockingCloseOnExec = 0o4000 | 0o2000000;
  const setPipeSize = 1031;
  const fds = new Int32Array(2);
  if (spliceC === undefined || pipeC === undefined || pipeC(fds, nonBlockingCloseOnExec) !== 0) return undefined;
  const [readFd = -1, writeFd = -1] = fds;
  if (fcntlC(writeFd, setPipeSize, 'int', bytes) >= bytes) return { readFd, writeFd };
  closeFd(readFd);
  closeFd(writeFd);
  return undefined;
}

/** Whether the last call failed because it would have had to wait, for its peer or for memory of the kernel. */
export function wouldBlock(): boolean {
  const errno = koffi.errno();
  return errno === tryAgain || errno === noBuffers;
}

/** setpriority(2) of one thread: the higher, the sooner it gives way; false on any error. */
export function setThreadNice(thread: number, nice: number): boolean {
  const prioProcess = 0;
  return setpriorityC(prioProcess, thread, nice) === 0;
}

/** The number of sched_setattr(2), which the C libraries of today have no function for. */
const schedSetattr: Partial<Record<NodeJS.Architecture, number>> = { x64: 314, arm64: 274 };

/**
 * sched_setattr(2): how long this thread runs at a time while others want to, in nanoseconds from 100,000 on, at the nice that it
 * has. Its share stays; Linux 6.12 and later has it run the sooner when it wakes. False on any error.
 */
export function setOwnSlice(nanoseconds: number, nice: number): boolean {
  const number = schedSetattr[process.arch];
  if (number === undefined) return false;
  // struct sched_attr: size, policy (SCHED_OTHER), flags, nice, priority, runtime, deadline, period.
  const attributes = Buffer.alloc(48);
  attributes.writeUInt32LE(attributes.length, 0);
  attributes.writeInt32LE(nice, 16);
  attributes.writeBigUInt64LE(BigInt(nanoseconds), 24);
  return syscallC(number, 'int', 0, 'void *', attributes, 'uint', 0) === 0;
}

/** madvise(2) over whole pages; false on any error. */
export function adviseMemory(
  { start, end }: { readonly start: number; readonly end: number },
  advice: number,
): boolean {
  return madviseC(start, end - start, advice) === 0;
}

/** malloc_trim(3): gives every whole page that malloc holds and does not use back to the kernel. Does nothing on musl. */
export function trimMalloc(): void {
  mallocTrimC?.(0);
}

/**
 * mallopt(3): has malloc map what has at least so many bytes by itself, so that it goes back to the kernel as soon as it is
 * freed, whatever lies behind it. Does nothing on musl.
 */
export function mapApart(fromBytes: number): void {
  const mmapThreshold = -3;
  malloptC?.(mmapThreshold, fromBytes);
}

/** ioctl(2) SIOCOUTQ (tcp(7)): bytes in the send buffer of a socket that its peer has not confirmed; 0 on any error. */
export function queuedToSend(fd: number): number {
  const queuedOut = 0x5411;
  return ioctlC(fd, queuedOut, 'void *', queued) === 0 ? (queued[0] ?? 0) : 0;
}

/** close(2), for an fd that no Node object owns. */
export function closeFd(fd: number): void {
  closeC(fd);
}

function ifThere<T>(load: () => T): T | undefined {
  try {
    return load();
  } catch {
    return undefined;
  }
}

/** The error of the last call, with errno and its name. */
export function systemError(call: string): NodeJS.ErrnoException {
  const errno = koffi.errno();
  const code = Object.entries(koffi.os.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
  return Object.assign(new Error(`${call} failed: ${code}`), { errno, code, syscall: call });
}
