import type { Span } from '../../ports/trace-source.ts';
import { ownTime } from './profile-spans.ts';
import { operationOf, statusOf, verdictOf } from './span-facts.ts';
import { childrenOf, indexTraces } from './trace-index.ts';

/** One trace as an indented tree, a line a span, at most `mostLines`. */
export function renderTrace(spans: readonly Span[], mostLines: number): string {
  const index = indexTraces(spans);
  const lines: string[] = [];
  const show = (span: Span, depth: number): void => {
    if (lines.length > mostLines || depth > 40) return;
    const status = statusOf(span);
    const children = childrenOf(index, span);
    const parts = [
      `${'  '.repeat(depth)}${span.service} ${span.kind} ${operationOf(span)}`,
      `${(span.durationUs / 1000).toFixed(1)} ms${saySelf(span, children)}`,
      status === null ? '' : String(status),
      verdictOf(span) === 'ok' ? '' : verdictOf(span).toUpperCase(),
      span.errorText ?? '',
    ];
    lines.push(parts.filter((part) => part !== '').join(' · '));
    for (const child of children.toSorted((a, b) => a.startUs - b.startUs)) show(child, depth + 1);
  };
  for (const root of [...index.roots.values()].flat().toSorted((a, b) => a.startUs - b.startUs))
    show(root, 0);
  return lines.length > mostLines ? [...lines.slice(0, mostLines), '…'].join('\n') : lines.join('\n');
}

/** Time in which nothing below it ran; of a leaf that is all its time, and not said twice. */
function saySelf(span: Span, children: readonly Span[]): string {
  if (children.length === 0) return '';
  return `, ${(ownTime(span, children) / 1000).toFixed(1)} ms itself`;
}
