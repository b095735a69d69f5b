import { closeFd, openPipe } from '../libc.ts';
import { clock } from './clock.ts';
import { Alarm, unwatchDeadline, watchDeadline } from './deadlines.ts';

/** A pipe of the kernel, and how many bytes wait in it. */
export type Pipe = { readonly readFd: number; readonly writeFd: number; held: number };

// One segment of the wire takes a page of it, so that this is about 90 KB there and 256 KiB between pods of one node.
const pipeBytes = 262_144;
// All sidecars of a node share what a user may have (fs.pipe-user-pages-soft, 64 MiB by default).
const maxLent = 32;
const keepSpareMs = 5000;
const retryMs = 1000;

let lent = 0;
let refusedUntil = 0;
let spare: Pipe | undefined;

const closeSpare = new Alarm(() => {
  unwatchDeadline(closeSpare);
  if (spare !== undefined) closePipe(spare);
  spare = undefined;
});

/** An empty pipe to be given back, or undefined when enough are lent out or the system has none: copy then. */
export function borrowPipe(): Pipe | undefined {
  if (lent >= maxLent || clock.ms < refusedUntil) return undefined;
  const pipe = spare ?? open();
  spare = undefined;
  if (pipe === undefined) refusedUntil = clock.ms + retryMs;
  else lent++;
  return pipe;
}

/** Takes a pipe back; what waits in it is lost. */
export function giveBackPipe(pipe: Pipe): void {
  lent--;
  if (pipe.held > 0 || spare !== undefined) return closePipe(pipe);
  spare = pipe;
  closeSpare.deadline = clock.ms + keepSpareMs;
  watchDeadline(closeSpare);
}

/** Lends no more pipes: they are of no use on this system. */
export function refusePipes(): void {
  refusedUntil = Infinity;
}

function open(): Pipe | undefined {
  const fds = openPipe(pipeBytes);
  return fds && { ...fds, held: 0 };
}

function closePipe({ readFd, writeFd }: Pipe): void {
  closeFd(readFd);
  closeFd(writeFd);
}
