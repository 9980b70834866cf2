export interface LogShipperOptions {
  url: string;
  token: string;
  maxBatchLines?: number;
  flushMs?: number;
  maxBufferedLines?: number;
  maxBackoffMs?: number;
}

export interface LogShipper {
  push(line: string): void;
  /** Lines thrown away so far because the receiver was away for too long. */
  dropped(): number;
  /** Sends what is left, for at most a second. */
  stop(): Promise<void>;
}

const REQUEST_DEADLINE_MS = 5_000;
const LAST_FLUSH_MS = 1_000;

/**
 * Sends log lines as NDJSON. While the receiver is away lines wait in a bounded buffer; the oldest are
 * dropped first, and a line that says how many follows as soon as somebody listens again.
 */
export function createLogShipper(options: LogShipperOptions): LogShipper {
  const { url, token, maxBatchLines = 500, flushMs = 500, maxBufferedLines = 20_000 } = options;
  const maxBackoffMs = options.maxBackoffMs ?? 5_000;
  let buffer: string[] = [];
  let dropped = 0;
  let droppedUnsaid = 0;
  let backoffMs = flushMs;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();

  function discard(count: number): void {
    dropped += count;
    droppedUnsaid += count;
  }

  function schedule(delayMs: number): void {
    if (stopping || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      sending = flush().catch(() => {});
    }, delayMs);
  }

  async function flush(): Promise<void> {
    while (buffer.length > 0) {
      const batch = buffer.slice(0, maxBatchLines);
      buffer = buffer.slice(batch.length);
      const outcome = await post(droppedUnsaid > 0 ? [...batch, sayDropped(droppedUnsaid)] : batch);
      if (outcome === 'away') {
        buffer = [...batch, ...buffer];
        trim();
        backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
        schedule(backoffMs);
        return;
      }
      backoffMs = flushMs;
      if (outcome === 'refused') discard(batch.length);
      else droppedUnsaid = 0;
    }
  }

  async function post(lines: string[]): Promise<'taken' | 'refused' | 'away'> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` },
        body: `${lines.join('\n')}\n`,
        signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
      });
      await response.arrayBuffer();
      if (response.ok) return 'taken';
      return response.status >= 500 || response.status === 429 ? 'away' : 'refused';
    } catch {
      return 'away';
    }
  }

  function trim(): void {
    const excess = buffer.length - maxBufferedLines;
    if (excess <= 0) return;
    buffer = buffer.slice(excess);
    discard(excess);
  }

  return {
    push(line) {
      buffer.push(line);
      // Trimming in slices keeps a long absence from copying the buffer at every line.
      if (buffer.length > maxBufferedLines * 1.1) trim();
      schedule(flushMs);
    },
    dropped: () => dropped,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      const giveUp = new Promise<void>((resolve) => setTimeout(resolve, LAST_FLUSH_MS).unref());
      await Promise.race([sending.then(flush), giveUp]);
    },
  };
}

function sayDropped(count: number): string {
  const ts = new Date().toISOString();
  return JSON.stringify({
    ts,
    level: 'warn',
    service: 'log-shipper',
    msg: 'log lines dropped',
    dropped: count,
  });
}
