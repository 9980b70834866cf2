/** A span without what not every tracer tells: no kind, no attributes. */
export interface PlainSpan {
  readonly trace: string;
  readonly span: string;
  readonly parent: string | null;
  readonly service: string;
  readonly operation: string;
  readonly startUs: number;
  readonly durationUs: number;
  readonly error?: boolean | undefined;
}

export interface OperationProfile {
  readonly service: string;
  readonly operation: string;
  count: number;
  /** Microseconds that each request spent here and in nothing below; only requests that did not wait for another service. */
  readonly own: number[];
  /** How requests ended: the service and operation of the last thing that was called directly. */
  readonly endings: Map<string, number>;
}

export interface CallProfile {
  readonly caller: string;
  readonly callee: string;
  count: number;
  /** Microseconds of each call that the callee's own spans do not account for: the way there and back, and queues. */
  readonly gaps: number[];
}

/** What a set of traces looks like, in a form that compares. */
export interface SpanProfile {
  readonly traces: number;
  readonly operations: ReadonlyMap<string, OperationProfile>;
  readonly calls: ReadonlyMap<string, CallProfile>;
  readonly spans: ReadonlyMap<string, number>;
  /** Failing spans below which nothing fails, by service. */
  readonly origins: ReadonlyMap<string, number>;
  /** Mean duration of what has no parent, in microseconds. */
  readonly rootUs: number;
}

export const between = '\u0000';

/** One pass to link, one to measure: time and memory grow with the number of spans. */
export function profileSpans(spans: readonly PlainSpan[]): SpanProfile {
  const byId = new Map<string, number>();
  for (const [index, span] of spans.entries()) byId.set(`${span.trace}${between}${span.span}`, index);
  const children: (number[] | undefined)[] = Array.from({ length: spans.length });
  const roots: number[] = [];
  for (const [index, span] of spans.entries()) {
    const parent = span.parent === null ? undefined : byId.get(`${span.trace}${between}${span.parent}`);
    if (parent === undefined || parent === index) roots.push(index);
    else {
      const siblings = children[parent];
      if (siblings === undefined) children[parent] = [index];
      else siblings.push(index);
    }
  }
  const operations = new Map<string, OperationProfile>();
  const calls = new Map<string, CallProfile>();
  const counts = new Map<string, number>();
  const origins = new Map<string, number>();
  const answered = new Map<PlainSpan, string>();
  for (const [index, span] of spans.entries())
    for (const at of children[index] ?? []) {
      const child = spans[at];
      if (child !== undefined && child.service !== span.service) answered.set(span, child.service);
    }
  const answerOf = (span: PlainSpan): string | undefined => answered.get(span);
  for (const [index, span] of spans.entries()) {
    counts.set(span.service, (counts.get(span.service) ?? 0) + 1);
    const below = (children[index] ?? []).flatMap((at) => spans[at] ?? []);
    const operation = operationAt(operations, span);
    operation.count += 1;
    const own = ownTime(span, below);
    const answer = below.find((child) => child.service !== span.service);
    if (answer === undefined) operation.own.push(own);
    else {
      const call = callAt(calls, span.service, answer.service);
      call.count += 1;
      call.gaps.push(own);
    }
    if (span.error === true && !below.some((child) => child.error === true))
      origins.set(span.service, (origins.get(span.service) ?? 0) + 1);
    const ending = endingOf(below, answerOf);
    operation.endings.set(ending, (operation.endings.get(ending) ?? 0) + 1);
  }
  const rootUs = roots.reduce((sum, at) => sum + (spans[at]?.durationUs ?? 0), 0) / Math.max(1, roots.length);
  return {
    traces: new Set(spans.map((span) => span.trace)).size,
    operations,
    calls,
    spans: counts,
    origins,
    rootUs,
  };
}

type Stretch = Pick<PlainSpan, 'startUs' | 'durationUs'>;

/** Microseconds of a span in which nothing below it ran: overlapping children count once. */
export function ownTime(span: Stretch, below: readonly Stretch[]): number {
  const end = span.startUs + span.durationUs;
  let covered = 0;
  let reach = span.startUs;
  for (const child of below.toSorted((a, b) => a.startUs - b.startUs)) {
    const to = Math.min(end, child.startUs + child.durationUs);
    if (to <= reach) continue;
    covered += to - Math.max(reach, child.startUs);
    reach = to;
  }
  return Math.max(0, span.durationUs - covered);
}

/** What was called last: the service that answered where it was a call, the operation itself where it was not. */
function endingOf(below: readonly PlainSpan[], answers: (span: PlainSpan) => string | undefined): string {
  let last: PlainSpan | undefined;
  for (const child of below) if (last === undefined || child.startUs >= last.startUs) last = child;
  return last === undefined ? '' : `${answers(last) ?? last.service}${between}${last.operation}`;
}

function operationAt(operations: Map<string, OperationProfile>, span: PlainSpan): OperationProfile {
  const key = `${span.service}${between}${span.operation}`;
  const known = operations.get(key);
  if (known !== undefined) return known;
  const made = { service: span.service, operation: span.operation, count: 0, own: [], endings: new Map() };
  operations.set(key, made);
  return made;
}

function callAt(calls: Map<string, CallProfile>, caller: string, callee: string): CallProfile {
  const key = `${caller}${between}${callee}`;
  const known = calls.get(key);
  if (known !== undefined) return known;
  const made = { caller, callee, count: 0, gaps: [] };
  calls.set(key, made);
  return made;
}
