import { Kept } from '../message/kept.ts';

/** Bytes of a header block as it comes, and of what it may be compressed to: more than a head may have when it is decoded. */
export const maxBlockBytes = 81_920;

/** A header block that did not come in one frame (RFC 9113 section 4.3). */
export class HeaderBlock {
  id = 0;
  endStream = false;
  readonly kept = new Kept();

  /** CONTINUATION is awaited, and nothing else may come. */
  get open(): boolean {
    return this.id !== 0;
  }

  begin(id: number, endStream: boolean): void {
    this.id = id;
    this.endStream = endStream;
  }

  /** False: it is too long. */
  add(buffer: Buffer, start: number, end: number): boolean {
    if (this.kept.length + end - start > maxBlockBytes) return false;
    this.kept.add(buffer, start, end);
    return true;
  }

  release(): void {
    this.id = 0;
    this.kept.release();
  }
}
