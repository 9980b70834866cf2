/** Keeps the first bytes and drops the rest, so that the sender never waits for us. */
export class KeptOutput {
  readonly #chunks: Buffer[] = [];
  readonly #onChunk: ((chunk: Buffer) => void) | undefined;
  readonly #onOverflow: (() => void) | undefined;
  #left: number;
  #overflown = false;

  /** @param onOverflow called once, when there is more than `most` */
  constructor(most: number, onOverflow?: () => void, onChunk?: (chunk: Buffer) => void) {
    this.#left = most;
    this.#onOverflow = onOverflow;
    this.#onChunk = onChunk;
  }

  add(chunk: Buffer): void {
    if (this.#left > 0) {
      // A copy: a slice would keep the whole block alive that it was read into.
      const kept = Buffer.from(chunk.subarray(0, this.#left));
      this.#chunks.push(kept);
      this.#onChunk?.(kept);
    }
    this.#left -= chunk.length;
    if (this.#left < 0 && !this.#overflown) {
      this.#overflown = true;
      this.#onOverflow?.();
    }
  }

  /** A character that the cap has cut in half becomes U+FFFD. */
  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
