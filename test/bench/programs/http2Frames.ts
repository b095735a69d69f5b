/** What the programs of the HTTP/2 rows know of RFC 9113. */
export const types = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const;
export const flags = { none: 0, endStream: 1, ack: 1, endHeaders: 4 } as const;
export const frameHeadBytes = 9;
export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** The window that connections and streams begin with. */
export const firstWindow = 65_535;

/** A frame that was read; of DATA the payload is left out. */
export type Frame = {
  readonly type: number;
  readonly flag: number;
  readonly id: number;
  readonly length: number;
  readonly payload: Buffer;
};

const nothing = Buffer.alloc(0);

export function frame(type: number, flag: number, id: number, payload: Buffer = nothing): Buffer {
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

/** Opens a window by so many bytes; `id` 0: of the connection. */
export function windowUpdate(id: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return frame(types.windowUpdate, flags.none, id, payload);
}

/** SETTINGS with the window that each stream begins with. */
export function settings(initialWindow = firstWindow): Buffer {
  const payload = Buffer.alloc(6);
  payload.writeUInt16BE(4);
  payload.writeUInt32BE(initialWindow, 2);
  return frame(types.settings, flags.none, 0, payload);
}

/** A header block of literals that no table keeps (RFC 7541 section 6.2.2); names and values shorter than 127 bytes. */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]));
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value, 'latin1')]);
}

/** What is answered to SETTINGS and PING, if it is one of these. */
export function acknowledged({ type, flag, payload }: Frame): Buffer | undefined {
  if ((flag & flags.ack) !== 0) return undefined;
  if (type === types.settings) return frame(type, flags.ack, 0);
  return type === types.ping ? frame(type, flags.ack, 0, payload) : undefined;
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
    if (this.head[3] !== types.data) this.payload = Buffer.concat([this.payload, bytes.subarray(at, stop)]);
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
