/**
 * Joins what arrives while the previous write is under way into one write, so that many small pushes cost as little as
 * a few big ones. Each caller waits until its own items are kept.
 * @returns a function that rejects with the error of the write that its items were part of
 */
export function groupCommit<T>(
  write: (items: readonly T[]) => Promise<void>,
): (items: readonly T[]) => Promise<void> {
  let waiting: T[] = [];
  let waitingWrite: Promise<void> | undefined;
  let running: Promise<void> = Promise.resolve();

  return (items) => {
    // Not push(...items): a big batch would overflow the stack.
    for (const item of items) waiting.push(item);
    waitingWrite ??= running.then(() => {
      const batch = waiting;
      waiting = [];
      waitingWrite = undefined;
      const current = write(batch);
      running = current.catch(() => undefined);
      return current;
    });
    return waitingWrite;
  };
}
