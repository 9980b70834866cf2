import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../../../src/analysis/traces/critical-path.ts';
import { renderTrace } from '../../../../src/analysis/traces/render-trace.ts';
import { indexTraces } from '../../../../src/analysis/traces/trace-index.ts';
import type { Span } from '../../../../src/ports/trace-source.ts';

const span = (service: string, parent: Span | null, fromMs: number, toMs: number): Span => ({
  traceId: 'f'.repeat(32),
  spanId: `${service} ${fromMs}`,
  parentId: parent?.spanId ?? null,
  service,
  operation: `work of ${service}`,
  kind: 'server',
  startUs: fromMs * 1000,
  durationUs: (toMs - fromMs) * 1000,
  error: false,
  attributes: {},
});
const pathOf = (root: Span, ...others: Span[]) =>
  criticalPath(indexTraces([root, ...others]), root).map((part) => [part.service, part.selfMs]);

describe('the critical path of a request', () => {
  it('leaves out what ran beside something longer', () => {
    const root = span('web', null, 0, 100);
    const short = span('cache', root, 10, 40);
    const long = span('store', root, 10, 90);

    expect(pathOf(root, short, long)).toEqual([
      ['store', 80],
      ['web', 20],
    ]);
  });

  it('goes down to where the time passed, and sums to the whole', () => {
    const root = span('web', null, 0, 100);
    const first = span('users', root, 0, 20);
    const second = span('store', root, 25, 95);
    const disk = span('disk', second, 30, 90);

    const path = pathOf(root, first, second, disk);

    expect(path).toEqual([
      ['disk', 60],
      ['users', 20],
      ['web', 10],
      ['store', 10],
    ]);
    expect(path.reduce((sum, [, ms]) => sum + Number(ms), 0)).toBe(100);
  });

  it('does not follow work that outlives its request, and survives clocks that disagree', () => {
    const root = span('web', null, 0, 50);
    const late = span('mail', root, 45, 400);
    const early = span('users', root, -10, 5);

    expect(pathOf(root, late, early)).toEqual([
      ['web', 40],
      ['mail', 5],
      ['users', 5],
    ]);
  });

  it('is drawn as a tree with the time of each span’s own', () => {
    const root = span('web', null, 0, 100);

    const tree = renderTrace([root, span('store', root, 10, 90)], 10);

    expect(tree).toContain('100.0 ms, 20.0 ms itself');
    expect(tree).toMatch(/store server work of store · 80\.0 ms$/);
  });
});
