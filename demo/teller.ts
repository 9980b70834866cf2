import type { DemoResult } from './result.ts';

/** What the terminal shows; on standard error, so that `--json` has standard output to itself. */
export interface Teller {
  step(text: string): void;
  summary(result: DemoResult): void;
  waitForEnd(signal: AbortSignal, pageUrl: string): Promise<void>;
}

export function createTeller(): Teller {
  const startMs = Date.now();
  const write = (text: string) => process.stderr.write(`${text}\n`);
  return {
    step: (text) => write(`${String(Math.round((Date.now() - startMs) / 1000)).padStart(4)} s  ${text}`),
    summary: (result) => {
      const seconds = (ms: number | null) => (ms === null ? 'not reached' : `${(ms / 1000).toFixed(1)} s`);
      const { timings } = result;
      write(`
  ${result.rootCause?.statement ?? 'No root cause was established.'}

  fault to alert         ${seconds(timings.faultToAlertMs)}
  alert to channel       ${seconds(timings.alertToChannelMs)}
  channel to finding     ${seconds(timings.channelToFirstFindingMs)}
  alert to root cause    ${seconds(timings.alertToRootCauseMs)}
  approval to executed   ${seconds(timings.approvalToExecutedMs)}
  executed to resolved   ${seconds(timings.executedToResolvedMs)}
`);
    },
    waitForEnd: async (signal, pageUrl) => {
      write(`The shop goes on and the room stays open at ${pageUrl}\nCtrl-C ends everything.`);
      if (signal.aborted) return;
      await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
    },
  };
}
