import { putLatin1 } from '../socket/latin1.ts';

const zero = 48;

/** One line of ASCII that is put together as bytes, again and again in the same buffer: no string is made for it. */
export class Line {
  length = 0;
  bytes = Buffer.allocUnsafeSlow(4096);

  /** Text that was made ready before. */
  ready(part: Uint8Array): void {
    const at = this.take(part.length);
    this.bytes.set(part, at);
  }

  /** ASCII text. */
  text(text: string): void {
    const at = this.take(text.length);
    putLatin1(this.bytes, text, at);
  }

  /** A whole number, not negative. */
  integer(value: number): void {
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits++;
    this.digits(value, digits);
  }

  /** Milliseconds, not negative, with three decimals where they are not all 0: formatting a double costs more. */
  milliseconds(value: number): void {
    const micros = value > 0 ? Math.round(value * 1000) : 0;
    const whole = Math.floor(micros / 1000);
    const decimals = micros - whole * 1000;
    this.integer(whole);
    if (decimals === 0) return;
    this.bytes[this.take(1)] = 46;
    this.digits(decimals, 3);
  }

  private digits(value: number, count: number): void {
    const at = this.take(count);
    let rest = value;
    for (let place = at + count - 1; place >= at; place--) {
      const higher = Math.floor(rest / 10);
      this.bytes[place] = zero + (rest - higher * 10);
      rest = higher;
    }
  }

  /** Makes room for so many bytes and returns where they stand. */
  private take(count: number): number {
    const at = this.length;
    this.length = at + count;
    if (this.length > this.bytes.length) this.grow();
    return at;
  }

  private grow(): void {
    const larger = Buffer.allocUnsafeSlow(this.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
