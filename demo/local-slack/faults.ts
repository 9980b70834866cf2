/** What can be made to go wrong with Slack's Web API, on demand. `method` is a method name or `*` for all. */
export interface Faults {
  /** Answers the next `times` calls with HTTP 429 and Retry-After, without doing them. */
  rateLimit(method: string, times: number, retryAfterS: number): void;
  /** Answers every call with 503, or leaves it hanging, until switched off. */
  outage(on: boolean, kind?: 'error' | 'hang'): void;
  /** Answers the next `times` calls with `{ok: false, error}`, without doing them. */
  refuse(method: string, times: number, error: string): void;
  /** Does the next `times` calls and then answers 503: done, but the caller cannot know. */
  loseAnswer(method: string, times: number): void;
  clear(): void;
}

type Planned =
  | { kind: 'rate-limit'; retryAfterS: number }
  | { kind: 'refuse'; error: string }
  | { kind: 'lose-answer' };

export interface PlannedFaults extends Faults {
  isOut(): boolean;
  /** Resolves at once, or when a hanging outage ends or the signal aborts. */
  untilBack(signal: AbortSignal): Promise<void>;
  take(method: string): Planned | undefined;
}

export function planFaults(): PlannedFaults {
  const planned: { method: string; left: number; fault: Planned }[] = [];
  let outageKind: 'error' | 'hang' | undefined;
  const waiting = new Set<() => void>();
  const release = () => {
    for (const resume of waiting) resume();
    waiting.clear();
  };
  return {
    rateLimit: (method, times, retryAfterS) => {
      planned.push({ method, left: times, fault: { kind: 'rate-limit', retryAfterS } });
    },
    refuse: (method, times, error) => {
      planned.push({ method, left: times, fault: { kind: 'refuse', error } });
    },
    loseAnswer: (method, times) => {
      planned.push({ method, left: times, fault: { kind: 'lose-answer' } });
    },
    outage(on, kind = 'error') {
      outageKind = on ? kind : undefined;
      if (outageKind !== 'hang') release();
    },
    clear() {
      planned.length = 0;
      outageKind = undefined;
      release();
    },
    isOut: () => outageKind !== undefined,
    async untilBack(signal) {
      if (outageKind !== 'hang' || signal.aborted) return;
      await new Promise<void>((resolve) => {
        waiting.add(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    },
    take(method) {
      const found = planned.find((plan) => plan.left > 0 && (plan.method === method || plan.method === '*'));
      if (!found) return undefined;
      found.left -= 1;
      return found.fault;
    },
  };
}
