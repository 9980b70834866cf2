/** Work that must not overlap waits for what was asked before it. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  /** Who gives up while it waits is not begun. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = before.then(() => turn.promise);
    try {
      await untilAborted(before, signal);
      return await work();
    } finally {
      turn.resolve();
    }
  }
}

async function untilAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) {
    await work;
    return;
  }
  signal.throwIfAborted();
  const givenUp = Promise.withResolvers<never>();
  const onAbort = (): void => givenUp.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, givenUp.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
