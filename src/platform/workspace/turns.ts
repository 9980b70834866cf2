import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest stretch of work between two turns of the event loop. */
const stretchMs = 8;

/**
 * Turns of the event loop for long work that is done in small steps: others get theirs between the steps, and the work
 * ends when nobody waits for it any more. How long a step takes is for commands to choose, so it goes by time.
 */
export class Turns {
  readonly #signal: AbortSignal;
  #sinceMs = performance.now();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether others should have theirs now. @throws the reason of the signal */
  get isOver(): boolean {
    this.#signal.throwIfAborted();
    return performance.now() - this.#sinceMs > stretchMs;
  }

  /** @throws the reason of the signal */
  async next(): Promise<void> {
    await nextTurn();
    this.#signal.throwIfAborted();
    this.#sinceMs = performance.now();
  }
}
