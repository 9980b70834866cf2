/**
 * Finds one command's output in what a resident shell prints: after `begin`, before `end`, then its status and a line's
 * end. Both marks contain what nobody can guess, so no output can pass for one.
 */
export class FrameReader {
  readonly #begin: Buffer;
  readonly #end: Buffer;
  readonly #onOutput: (chunk: Buffer) => void;
  readonly #onEnd: (status: number) => void;
  #state: 'before' | 'within' | 'status' | 'done' = 'before';
  /** What may be the first part of a mark. */
  #held: Buffer = Buffer.alloc(0);

  constructor(
    marks: { begin: string; end: string },
    onOutput: (chunk: Buffer) => void,
    onEnd: (status: number) => void,
  ) {
    this.#begin = Buffer.from(marks.begin);
    this.#end = Buffer.from(marks.end);
    this.#onOutput = onOutput;
    this.#onEnd = onEnd;
  }

  push(chunk: Buffer): void {
    if (this.#state === 'done') return;
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (this.#state === 'before' && this.#skipPast(this.#begin, null)) this.#state = 'within';
    if (this.#state === 'within' && this.#skipPast(this.#end, this.#onOutput)) this.#state = 'status';
    if (this.#state !== 'status') return;
    const lineEnd = this.#held.indexOf(0x0a);
    if (lineEnd < 0) return;
    this.#state = 'done';
    this.#onEnd(Number(this.#held.subarray(0, lineEnd).toString('latin1')));
  }

  /** Hands on what is before the mark. @returns whether the mark was there */
  #skipPast(mark: Buffer, onBefore: ((chunk: Buffer) => void) | null): boolean {
    const at = this.#held.indexOf(mark);
    const sure = at < 0 ? Math.max(0, this.#held.length - mark.length + 1) : at;
    if (sure > 0) onBefore?.(this.#held.subarray(0, sure));
    this.#held = this.#held.subarray(at < 0 ? sure : at + mark.length);
    return at >= 0;
  }
}
