import type { FlowContext } from '../flow/context.ts';
import { reconcile, requeueWork } from '../flow/index.ts';

const reconcileEveryMs = 60_000;
/** A job put while one of the same kind is just ending is dropped by the queue: nobody should wait a minute for it. */
const requeueEveryMs = 10_000;

/** Makes good what got lost, at once and for as long as the process runs. Returns how to stop it. */
export function startReconciler(flow: FlowContext): () => Promise<void> {
  const stopping = new AbortController();
  const missingSince = new Map<string, number>();
  const rounds = [
    startRounds(reconcileEveryMs, () => reconcile(flow, missingSince, stopping.signal)),
    startRounds(requeueEveryMs, () => requeueWork(flow)),
  ];
  return async () => {
    stopping.abort();
    await Promise.all(rounds.map((stop) => stop()));
  };
}

/** At once and then at every interval; a round that takes longer makes the next one wait for its turn. */
function startRounds(everyMs: number, round: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  const once = (): void => {
    running ??= round().finally(() => {
      running = null;
    });
  };
  once();
  const timer = setInterval(once, everyMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
