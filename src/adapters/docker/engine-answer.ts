import { SandboxUnavailable } from '../../ports/sandbox-errors.ts';

/**
 * The answer, unless the caller gives up or the engine stays silent. Needed because most of the client's calls cannot
 * be aborted themselves; one that is given up goes on alone, so its effect must be harmless or cleaned up.
 */
export async function engineAnswer<T>(
  answer: Promise<T>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<T> {
  const givenUp = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    givenUp.reject(
      new SandboxUnavailable(`Docker gave no answer in ${timeoutMs / 1000} s.`, 'Check: docker info'),
    );
  }, timeoutMs);
  const onAbort = (): void => givenUp.reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    signal?.throwIfAborted();
    return await Promise.race([answer, givenUp.promise]);
  } finally {
    answer.catch(() => undefined);
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
