import { setTimeout as sleep } from 'node:timers/promises';
import { OneAtATime } from '../../../../platform/one-at-a-time.ts';
import { SandboxLost, SandboxUnavailable } from '../../../../ports/sandbox-errors.ts';

/** A program that the engine was asked to begin in a container. */
export interface Beginning {
  /** Asks the engine where it is not known. Also true when the container is gone. */
  hasBegun(): Promise<boolean>;
}

const askMs = { first: 5, last: 100 };
const beginMs = 20_000;

/**
 * Keeps what begins in a container and its freezing apart: an engine (20.10 was tried) that freezes a container in which an
 * exec is just beginning hangs over that container for ever, as does one that removes a container while it freezes it.
 */
export class FreezeLock {
  readonly #beginnings = new Set<Promise<Beginning | null>>();
  readonly #turns = new OneAtATime();
  #frozen: PromiseWithResolvers<void> | null = null;
  #mayBeFrozen = false;
  #isEnded = false;

  /**
   * Waits while the container is frozen.
   * @param start calls what it is given as soon as it knows that the program has begun
   */
  async begin<T extends Beginning>(start: (onBegun: () => void) => Promise<T>): Promise<T> {
    while (this.#frozen !== null) await this.#frozen.promise;
    let isBegun = false;
    const starting = start(() => {
      isBegun = true;
      this.#beginnings.delete(known);
    });
    const known = starting.catch(() => null);
    if (!isBegun) this.#beginnings.add(known);
    try {
      return await starting;
    } catch (error) {
      this.#beginnings.delete(known);
      throw error;
    }
  }

  /** Nothing begins from now on until `thaw`; waits for what is beginning already. */
  freeze(pause: () => Promise<void>): Promise<void> {
    return this.#turns.run(async () => {
      if (this.#isEnded) throw new SandboxLost('The sandbox is closed or gone.', 'Open a new one.');
      this.#frozen ??= Promise.withResolvers();
      try {
        await this.#untilAllBegun();
        this.#mayBeFrozen = true;
        await pause();
      } catch (error) {
        this.#letGo();
        throw error;
      }
    });
  }

  async thaw(unpause: () => Promise<void>): Promise<void> {
    await this.#turns.run(async () => {
      try {
        if (!this.#mayBeFrozen) return;
        await unpause();
        this.#mayBeFrozen = false;
      } finally {
        this.#letGo();
      }
    });
  }

  /** It is frozen no more, and never again: it can be removed. */
  end(unpause: () => Promise<void>): Promise<void> {
    this.#isEnded = true;
    return this.thaw(unpause);
  }

  #letGo(): void {
    this.#frozen?.resolve();
    this.#frozen = null;
  }

  async #untilAllBegun(): Promise<void> {
    const untilMs = performance.now() + beginMs;
    for (const starting of this.#beginnings) {
      const beginning = await starting;
      for (let waitMs = askMs.first; beginning !== null; waitMs = Math.min(askMs.last, waitMs * 2)) {
        if (await beginning.hasBegun()) break;
        if (performance.now() > untilMs) {
          throw new SandboxUnavailable(
            `A command in the sandbox did not begin in ${beginMs / 1000} s.`,
            'Check: docker info',
          );
        }
        await sleep(waitMs);
      }
      this.#beginnings.delete(starting);
    }
  }
}
