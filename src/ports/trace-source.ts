/** One span. Ids are lower-case hex. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly service: string;
  readonly operation: string;
  readonly kind: 'server' | 'client' | 'internal' | 'producer' | 'consumer';
  readonly startUs: number;
  readonly durationUs: number;
  readonly error: boolean;
  /** Status message or exception text, when the span carries one. */
  readonly errorText?: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export interface TraceSource {
  /** Spans of all services that started in [from, to), whole traces where they are known, newest traces first, at most `limit` spans. */
  spans(
    query: { from: Date; to: Date; limit: number },
    signal: AbortSignal,
  ): Promise<{ spans: Span[]; truncated: boolean }>;
}
