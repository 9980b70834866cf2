import { describe, expect, it } from 'vitest';
import { locateOrigins, usualDurations } from '../../../src/analysis/traces/locate-origin.ts';
import { indexTraces } from '../../../src/analysis/traces/trace-index.ts';
import type { Span } from '../../../src/ports/trace-source.ts';

function span(
  id: string,
  parent: string | null,
  service: string,
  more: Partial<Span> & { status?: number },
): Span {
  const { status, ...rest } = more;
  return {
    traceId: 't',
    spanId: id,
    parentId: parent,
    service,
    operation: `op ${service}`,
    kind: 'server',
    startUs: 0,
    durationUs: 1e3,
    error: (status ?? 200) >= 500,
    attributes: status === undefined ? {} : { 'http.response.status_code': status },
    ...rest,
  };
}

const front = span('1', null, 'front', { status: 502 });

describe('where a failing request began to fail', () => {
  it('is the deepest service that broke', () => {
    const index = indexTraces([
      front,
      span('2', '1', 'front', { kind: 'client', status: 500, error: true }),
      span('3', '2', 'back', { status: 500, errorText: 'no such shelf' }),
    ]);

    expect(locateOrigins(index, new Map())).toMatchObject([
      { service: 'back', kind: 'failed', text: 'no such shelf', path: ['front', 'back'], outcome: 'failed' },
    ]);
  });

  it('is a refusal when the callee says that the request was wrong', () => {
    const index = indexTraces([
      front,
      span('2', '1', 'front', { kind: 'client', status: 401, error: true }),
      span('3', '2', 'back', { status: 401 }),
    ]);

    expect(locateOrigins(index, new Map())).toMatchObject([
      { service: 'back', kind: 'rejected', status: 401 },
    ]);
  });

  it.each([
    ['the callee when it got slow', 5_000, { service: 'back', kind: 'slow' }],
    ['the caller when the callee is as fast as ever', 900, { service: 'front', kind: 'gave-up' }],
  ])('of a call given up is %s', (_name, durationUs, origin) => {
    const usual = usualDurations(indexTraces([span('9', null, 'back', { durationUs: 1000 })]));
    const index = indexTraces([
      front,
      span('2', '1', 'front', { kind: 'client', error: true, errorText: 'timeout' }),
      span('3', '2', 'back', { status: 200, durationUs }),
    ]);

    expect(locateOrigins(index, usual)).toMatchObject([origin]);
  });

  it('is the named peer when nobody answered', () => {
    const index = indexTraces(
      [
        front,
        span('2', '1', 'front', {
          kind: 'client',
          error: true,
          attributes: { 'server.address': 'back.internal:80' },
        }),
      ],
      ['front', 'back'],
    );

    expect(locateOrigins(index, new Map())).toMatchObject([{ service: 'back', kind: 'unanswered' }]);
  });

  it('is nowhere in a healthy trace', () => {
    expect(locateOrigins(indexTraces([span('1', null, 'front', { status: 200 })]), new Map())).toEqual([]);
  });
});
