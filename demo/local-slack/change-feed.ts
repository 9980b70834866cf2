/** Tells open pages that something changed; they read again what they show. */
export interface ChangeFeed {
  version(): number;
  bump(): void;
  /** Resolves with the version as soon as it is not `since`, or after `timeoutMs`. */
  wait(since: number, timeoutMs: number, signal: AbortSignal): Promise<number>;
}

export function createChangeFeed(): ChangeFeed {
  let version = 1;
  const waiting = new Set<() => void>();
  return {
    version: () => version,
    bump() {
      version += 1;
      for (const resume of waiting) resume();
      waiting.clear();
    },
    async wait(since, timeoutMs, signal) {
      if (since === version && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          const resume = () => {
            clearTimeout(timer);
            waiting.delete(resume);
            resolve();
          };
          waiting.add(resume);
          signal.addEventListener('abort', resume, { once: true });
        });
      }
      return version;
    },
  };
}
