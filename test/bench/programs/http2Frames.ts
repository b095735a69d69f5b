import { firstWindow, flags, frameHeadBytes, frameTypes } from '../../../proxy/http2/protocol.ts';
import { settingIds } from '../../../proxy/http2/settings.ts';
import { frame, literal, setting, uint32 } from '../../proxy/http2/raw.ts';

/** A frame that was read; of DATA the payload is left out. */
export type Frame = {
  readonly type: number;
  readonly flag: number;
  readonly id: number;
  readonly length: number;
  readonly payload: Buffer;
};

const nothing = Buffer.alloc(0);

/** Opens a window by so many bytes; `id` 0: of the connection. */
export function windowUpdate(id: number, bytes: number): Buffer {
  return frame(frameTypes.windowUpdate, flags.none, id, uint32(bytes));
}

/** SETTINGS with the window that each stream begins with. */
export function settings(initialWindow: number = firstWindow): Buffer {
  return frame(frameTypes.settings, flags.none, 0, setting(settingIds.initialWindowSize, initialWindow));
}

/** A header block of literals that no table keeps. */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => literal(name, value)));
}

/** What is answered to SETTINGS and PING, if it is one of these. */
export function acknowledged({ type, flag, payload }: Frame): Buffer | undefined {
  if ((flag & flags.ack) !== 0) return undefined;
  if (type === frameTypes.settings) return frame(type, flags.ack, 0);
  return type === frameTypes.ping ? frame(type, flags.ack, 0, payload) : undefined;
}

/** Reads frames out of whatever pieces they come in, behind `skip` bytes of a preface. */
export class Frames {
  private readonly head = Buffer.alloc(frameHeadBytes);
  private have = 0;
  private left = 0;
  private payload: Buffer = nothing;
  private skip: number;
  private readonly onFrame: (frame: Frame) => void;

  constructor(skip: number, onFrame: (frame: Frame) => void) {
    this.skip = skip;
    this.onFrame = onFrame;
  }

  read(bytes: Buffer, length = bytes.length): void {
    let at = Math.min(this.skip, length);
    this.skip -= at;
    while (at < length) {
      at = this.have < frameHeadBytes ? this.readHead(bytes, at, length) : this.readPayload(bytes, at, length);
      if (this.have === frameHeadBytes && this.left === 0) this.deliver();
    }
  }

  private readHead(bytes: Buffer, at: number, length: number): number {
    const stop = Math.min(length, at + frameHeadBytes - this.have);
    bytes.copy(this.head, this.have, at, stop);
    this.have += stop - at;
    if (this.have === frameHeadBytes) this.left = this.head.readUIntBE(0, 3);
    return stop;
  }

  private readPayload(bytes: Buffer, at: number, length: number): number {
    const stop = Math.min(length, at + this.left);
    this.left -= stop - at;
    if (this.head[3] !== frameTypes.data) this.payload = Buffer.concat([this.payload, bytes.subarray(at, stop)]);
    return stop;
  }

  private deliver(): void {
    const { head, payload } = this;
    this.have = 0;
    this.payload = nothing;
    this.onFrame({
      type: head[3] ?? 0,
      flag: head[4] ?? 0,
      id: head.readUInt32BE(5) & 0x7fff_ffff,
      length: head.readUIntBE(0, 3),
      payload,
    });
  }
}
