import koffi from 'koffi';

const libc = koffi.load(null);

type SocketOption = { readonly fd: number; readonly level: number; readonly option: number };

const getsockoptC = libc.func('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']);
const setsockoptC = libc.func('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32_t']);
const socketC = libc.func('socket', 'int', ['int', 'int', 'int']);
const recvC = libc.func('recv', 'long', ['int', 'void *', 'size_t', 'int']);
const madviseC = libc.func('madvise', 'int', ['uintptr_t', 'size_t', 'int']);
const closeC = libc.func('close', 'int', ['int']);
const mallocTrimC = ofGlibc(() => libc.func('malloc_trim', 'int', ['size_t']));

const length = new Uint32Array(1);

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

/** Whether the last call failed because it would have had to wait. */
export function wouldBlock(): boolean {
  return koffi.errno() === koffi.os.errno['EAGAIN'];
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

/** close(2), for an fd that no Node object owns yet. */
export function closeFd(fd: number): void {
  closeC(fd);
}

function ofGlibc<T>(load: () => T): T | undefined {
  try {
    return load();
  } catch {
    return undefined;
  }
}

function systemError(call: string): NodeJS.ErrnoException {
  const errno = koffi.errno();
  const code = Object.entries(koffi.os.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
  return Object.assign(new Error(`${call} failed: ${code}`), { errno, code, syscall: call });
}
