import { giveBackCopy } from './copies.ts';
import {
  createShutdownRequest,
  createWriteRequest,
  lastWriteGoesOn,
  type TcpHandle,
  type WriteRequest,
} from './handle.ts';
import { noteHeld } from './held.ts';

/** What libuv was given to write on one connection and has not written yet, in order. */
export class PendingWrites {
  count = 0;
  private readonly onDone: (status: number) => void;

  /** `onDone` comes for each that was left waiting: 0, or a negative error number. */
  constructor(onDone: (status: number) => void) {
    this.onDone = onDone;
  }

  /** Writes latin1 text; 0, or a negative error number. */
  text(handle: TcpHandle, text: string): number {
    const request = this.create();
    return this.begun(request, handle.writeLatin1String(request, text));
  }

  /** Writes the first bytes of a pooled buffer, which is ours from now on; 0, or a negative error number. */
  copy(handle: TcpHandle, copy: Buffer, length: number): number {
    noteHeld(copy.length);
    const request = this.create();
    request.copy = copy;
    return this.begun(request, handle.writeBuffer(request, length === copy.length ? copy : copy.subarray(0, length)));
  }

  /** A FIN behind all of them; `onSent` comes where there is none to send any more, too: reading tells. */
  fin(handle: TcpHandle, onSent: () => void): void {
    const request = createShutdownRequest();
    request.oncomplete = onSent;
    if (handle.shutdown(request) !== 0) queueMicrotask(onSent);
  }

  private create(): WriteRequest {
    const request = createWriteRequest();
    request.oncomplete = (status) => {
      this.count--;
      release(request);
      this.onDone(status);
    };
    return request;
  }

  private begun(request: WriteRequest, status: number): number {
    if (status === 0 && lastWriteGoesOn()) this.count++;
    else release(request);
    return status;
  }
}

function release({ copy }: WriteRequest): void {
  if (copy !== undefined) giveBackCopy(copy);
}
