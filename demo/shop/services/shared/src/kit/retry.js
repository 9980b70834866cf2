const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls `attempt(n)` until it succeeds, at most `attempts` times, doubling the delay each time. */
export async function withRetry(
  attempt,
  { attempts, baseDelayMs = 25, isRetryable = () => true, sleep = pause },
) {
  for (let n = 1; ; n += 1) {
    try {
      return await attempt(n);
    } catch (error) {
      if (n >= attempts || !isRetryable(error)) throw error;
      await sleep(baseDelayMs * 2 ** (n - 1));
    }
  }
}
