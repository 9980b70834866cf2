/** One log line, whatever shipped it. */
export interface LogLine {
  readonly at: Date;
  readonly service: string;
  /** Lower case; `unknown` where the line does not say. */
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'unknown';
  readonly message: string;
  readonly traceId?: string;
  /** The other fields of a structured line. */
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

export interface LogSource {
  /** Lines of one service in [from, to), oldest first, at most `limit` (the newest are kept); `truncated` says so. */
  lines(
    query: { service: string; from: Date; to: Date; limit: number },
    signal: AbortSignal,
  ): Promise<{ lines: LogLine[]; truncated: boolean }>;
}
