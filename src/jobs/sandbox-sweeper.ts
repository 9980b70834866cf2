import type { Log } from '../platform/log.ts';
import type { SandboxProvider } from '../ports/sandbox.ts';

/** What a killed process left running is gone within this. */
const sweepEveryMs = 30_000;

/**
 * Removes the sandboxes of dead owners, at once and then twice a minute. While Docker is away it says so once and tries on
 * in silence: every investigation that would have needed it tells its own limits.
 * @returns what ends it
 */
export function startSandboxSweeper(
  sandbox: SandboxProvider,
  log: Log,
  everyMs = sweepEveryMs,
): () => Promise<void> {
  const stopping = new AbortController();
  let away = false;
  let running: Promise<void> | null = null;

  async function sweep(): Promise<void> {
    try {
      const removed = await sandbox.sweep(stopping.signal);
      if (removed > 0) log.warn({ removed }, 'sandboxes that dead processes left behind are removed');
      away = false;
    } catch (error) {
      if (away || stopping.signal.aborted) return;
      away = true;
      log.warn(
        { err: error },
        'sandboxes cannot be swept: Docker is away; this is tried on, and not said again',
      );
    }
  }

  /** One that takes long is not overtaken by the next. */
  function start(): void {
    running ??= sweep().finally(() => {
      running = null;
    });
  }

  start();
  const timer = setInterval(start, everyMs);
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await running;
  };
}
