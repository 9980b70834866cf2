import { KeptOutput } from './kept-output.ts';

export interface WatchOptions {
  readonly timeoutMs: number;
  readonly outputBytes: number;
  readonly onOutput?: (chunk: Buffer) => void;
}

/** Why a command is stopped from outside; `aborted` is the caller's own wish. */
export type StopSign = 'timeout' | 'output-cap' | 'aborted';

export interface Watch {
  readonly output: KeptOutput;
  /** Rejects with what `onOutput` threw. */
  readonly stopped: Promise<StopSign>;
  end(): void;
}

/** Watches time, output and the caller from now on. */
export function watchCommand(options: WatchOptions, signal: AbortSignal): Watch {
  const stop = Promise.withResolvers<StopSign>();
  stop.promise.catch(() => undefined);
  const timer = setTimeout(() => stop.resolve('timeout'), options.timeoutMs);
  const onAbort = (): void => stop.resolve('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const { onOutput } = options;
  const hand = (chunk: Buffer): void => {
    try {
      onOutput?.(chunk);
    } catch (error) {
      stop.reject(error);
    }
  };
  return {
    output: new KeptOutput(options.outputBytes, () => stop.resolve('output-cap'), hand),
    stopped: stop.promise,
    end() {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}
