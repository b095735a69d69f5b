/** What stands before each message of gRPC: whether it is compressed, and its length. */
const prefixLength = 5;
/** What a piece of a message costs beside its bytes, however short it is. */
const perPieceBytes = 256;
/** What a whole message costs beside its bytes as long as nobody has taken it. */
const perMessageBytes = 512;
/** So many pieces may a message have; a longer one as many more as make them this long on average. */
const leastPieces = 1024;
const leastPieceBytes = 256;

/**
 * What one stream has brought that nobody has taken yet: whole messages that wait, and the beginning of the next one. It
 * is counted as it arrives, by what it keeps in memory.
 */
export class Arrivals {
  /** The whole messages that wait, by what each costs. */
  readonly #waiting: number[] = [];
  #waitingBytes = 0;
  /** Of the message that is not whole: what it costs, what has come of its prefix, what is missing of the rest. */
  #unfinishedBytes = 0;
  #prefixed = 0;
  #length = 0;
  #missing = 0;
  #memory: ArrayBufferLike | undefined;
  #pieces = 0;
  #pieceBytes = 0;

  get held(): number {
    return this.#waitingBytes + this.#unfinishedBytes;
  }

  /**
   * The message that is not whole comes in so many pieces, each so short, that nobody sends it so by chance: what Node does
   * for each is garbage a hundred times its size, which no budget of what is held sees.
   */
  get isShredded(): boolean {
    return this.#pieces > leastPieces + this.#pieceBytes / leastPieceBytes;
  }

  /** Takes what has come; returns by how much more is held now. */
  add(piece: Buffer): number {
    const before = this.held;
    // A piece is a part of what was read from the socket, and keeps all of it.
    const keptBytes = perPieceBytes + piece.buffer.byteLength;
    this.#unfinishedBytes += piece.buffer === this.#memory ? perPieceBytes : keptBytes;
    this.#memory = piece.buffer;
    this.#pieces += 1;
    this.#pieceBytes += piece.length;
    let at = 0;
    let hasFinished = false;
    while (at < piece.length) {
      at += this.#prefixed < prefixLength ? this.#readPrefix(piece, at) : this.#readRest(piece.length - at);
      if (this.#prefixed < prefixLength || this.#missing > 0) continue;
      this.#finish();
      hasFinished = true;
    }
    if (hasFinished && this.#prefixed > 0) this.#unfinishedBytes = keptBytes;
    return this.held - before;
  }

  /** The first of the messages that wait was taken. */
  take(): void {
    this.#waitingBytes -= this.#waiting.shift() ?? 0;
    // Nothing of the last read is kept for what comes next.
    if (this.held === 0) this.#memory = undefined;
  }

  #readPrefix(piece: Buffer, at: number): number {
    if (this.#prefixed > 0) this.#length = this.#length * 256 + (piece[at] ?? 0);
    this.#prefixed += 1;
    if (this.#prefixed === prefixLength) this.#missing = this.#length;
    return 1;
  }

  #readRest(available: number): number {
    const read = Math.min(available, this.#missing);
    this.#missing -= read;
    return read;
  }

  #finish(): void {
    const bytes = Math.max(this.#unfinishedBytes, prefixLength + this.#length) + perMessageBytes;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes;
    this.#unfinishedBytes = 0;
    this.#pieces = 0;
    this.#pieceBytes = 0;
    this.#prefixed = 0;
    this.#length = 0;
  }
}
