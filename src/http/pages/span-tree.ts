import { type Html, html } from './html.ts';
import { durationText } from './time-text.ts';

export interface ShownSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly service: string;
  readonly operation: string;
  readonly startUs: number;
  readonly durationUs: number;
  readonly error: boolean;
  readonly errorText: string | null;
}

const maxTraces = 5;
const maxSpansPerTrace = 100;

/** Each trace as a waterfall: who called whom, when, for how long, and where it failed. */
export function spanTrees(spans: readonly ShownSpan[]): Html {
  const traces = [...Map.groupBy(spans, (span) => span.traceId).entries()];
  return html`${traces.slice(0, maxTraces).map(([traceId, ofTrace]) => traceCard(traceId, ofTrace))}
${traces.length > maxTraces ? html`<p class="soft">and ${traces.length - maxTraces} more traces</p>` : null}`;
}

function traceCard(traceId: string, spans: readonly ShownSpan[]): Html {
  const startUs = spans.reduce((low, span) => Math.min(low, span.startUs), Number.POSITIVE_INFINITY);
  const endUs = spans.reduce((high, span) => Math.max(high, span.startUs + span.durationUs), 0);
  const totalUs = Math.max(1, endUs - startUs);
  const rows = inCallOrder(spans).slice(0, maxSpansPerTrace);
  return html`<section class="card">
<p class="small soft">${traceId === '' ? null : html`Trace <code>${traceId}</code> · `}${spans.length} ${spans.length === 1 ? 'span' : 'spans'} · ${durationText(totalUs)}</p>
<ul class="spans">${rows.map(({ span, depth }) => {
    const from = ((span.startUs - startUs) / totalUs) * 1000;
    const size = Math.max(4, (span.durationUs / totalUs) * 1000);
    return html`<li><div class="head d${Math.min(depth, 6)}"><b>${span.service}</b><span>${span.operation}</span>
${span.error ? html`<span class="chip bad">failed</span>` : null}<span class="took">${durationText(span.durationUs)}</span></div>
<svg viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="1000" height="8"/><rect class="${span.error ? 'bar bad' : 'bar'}" x="${Math.min(from, 996).toFixed(1)}" width="${size.toFixed(1)}" height="8"/></svg>
${span.errorText === null ? null : html`<p class="why small">${span.errorText.slice(0, 600)}</p>`}</li>`;
  })}</ul>
${spans.length > rows.length ? html`<p class="soft small">and ${spans.length - rows.length} more spans</p>` : null}
</section>`;
}

/** Depth first, children by start; a span whose parent is not here stands at the top. */
function inCallOrder(spans: readonly ShownSpan[]): { span: ShownSpan; depth: number }[] {
  const known = new Set(spans.map((span) => span.spanId));
  const children = Map.groupBy(spans, (span) =>
    span.parentId !== null && span.parentId !== span.spanId && known.has(span.parentId) ? span.parentId : '',
  );
  const ordered: { span: ShownSpan; depth: number }[] = [];
  const visited = new Set<string>();
  const byStart = (of: readonly ShownSpan[]): { span: ShownSpan; depth: number }[] =>
    of.toSorted((a, b) => b.startUs - a.startUs).map((span) => ({ span, depth: 0 }));
  // An explicit stack and a visited set: parent ids come from outside and may form long chains or circles.
  const stack = byStart(children.get('') ?? []);
  while (stack.length > 0) {
    const next = stack.pop();
    if (next === undefined || visited.has(next.span.spanId)) continue;
    visited.add(next.span.spanId);
    ordered.push(next);
    for (const child of byStart(children.get(next.span.spanId) ?? []))
      stack.push({ span: child.span, depth: next.depth + 1 });
  }
  for (const span of spans) if (!visited.has(span.spanId)) ordered.push({ span, depth: 0 });
  return ordered;
}
