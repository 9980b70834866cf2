import { describe, expect, it } from 'vitest';
import { blameSpans, type SpanBlame } from '../../../../src/analysis/traces/blame-spans.ts';
import { type PlainSpan, profileSpans } from '../../../../src/analysis/traces/profile-spans.ts';

interface Shape {
  readonly service: string;
  readonly operation?: string;
  readonly ownUs: number;
  readonly calls?: readonly Shape[];
}

/** The same request `count` times, its own times a little different each time. */
function spansOf(shape: Shape, count: number, first = 0): PlainSpan[] {
  const spans: PlainSpan[] = [];
  const visit = (one: Shape, trace: number, parent: string | null, startUs: number): number => {
    const span = `${spans.length}`;
    const place = spans.length;
    const own = one.ownUs * (1 + (((trace + place) * 7919) % 10) / 100);
    spans.push({ trace: '', span: '', parent: null, service: '', operation: '', startUs: 0, durationUs: 0 });
    let at = startUs + own / 2;
    for (const call of one.calls ?? []) at += visit(call, trace, span, at);
    const durationUs = at + own / 2 - startUs;
    spans[place] = {
      trace: String(trace),
      span,
      parent,
      service: one.service,
      operation: one.operation ?? `handle ${one.service}`,
      startUs,
      durationUs,
    };
    return durationUs;
  };
  for (let trace = first; trace < first + count; trace += 1) visit(shape, trace, null, trace * 1e6);
  return spans;
}

const call = (service: string, gapUs: number, ownUs: number, by = 'web'): Shape => ({
  service: by,
  operation: `call ${service}`,
  ownUs: gapUs,
  calls: [{ service, ownUs }],
});
const web = (...calls: readonly Shape[]): Shape => ({ service: 'web', ownUs: 2000, calls });
const blame = (before: readonly PlainSpan[], after: readonly PlainSpan[]): Map<string, SpanBlame> =>
  new Map(blameSpans(profileSpans(before), profileSpans(after)).map((one) => [one.service, one]));
const usual = web(call('cart', 3000, 4000), call('search', 3000, 4000), call('ads', 3000, 4000));

describe('time that requests lose', () => {
  it.each([
    { slow: 2, blamed: true },
    { slow: 1, blamed: false },
  ])(
    'is seen in $slow of ten calls that take many times as long as any before: $blamed',
    ({ slow, blamed }) => {
      const stuck = web(call('cart', 900_000, 4000), call('search', 3000, 4000), call('ads', 3000, 4000));

      const found = blame(spansOf(usual, 15), [...spansOf(usual, 10 - slow), ...spansOf(stuck, slow, 100)]);

      expect((found.get('cart')?.sharp ?? 0) > 0).toBe(blamed);
      expect(found.get('search')?.sharp).toBe(0);
    },
  );

  it('is blamed on the service that works longer, not on those that wait for it', () => {
    const found = blame(
      spansOf(usual, 50),
      spansOf(web(call('cart', 3000, 60_000), call('search', 3000, 4000), call('ads', 3000, 4000)), 50),
    );

    expect(found.get('cart')?.slow).toBeGreaterThan(0.7);
    expect(found.get('web')?.slow).toBe(0);
    expect(found.get('cart')?.reasons[0]?.text).toMatch(/handle cart itself takes 6\d ms instead of 4 ms/);
  });

  it('on the way to one service is blamed on that service', () => {
    const found = blame(
      spansOf(usual, 50),
      spansOf(web(call('cart', 90_000, 4000), call('search', 3000, 4000), call('ads', 3000, 4000)), 50),
    );

    expect(found.get('cart')?.slow).toBeGreaterThan(5 * (found.get('web')?.slow ?? 1));
  });

  it('around all calls of one service is blamed on that service', () => {
    const callers: Shape = {
      service: 'front',
      ownUs: 1000,
      calls: ['cart', 'search', 'ads'].map((service) => call(service, 3000, 4000, 'front')),
    };
    const before = [...spansOf(usual, 50), ...spansOf(callers, 50, 100)];
    const after = [
      ...spansOf(
        web(call('cart', 90_000, 4000), call('search', 90_000, 4000), call('ads', 90_000, 4000)),
        50,
      ),
      ...spansOf(callers, 50, 100),
    ];

    const found = blame(before, after);

    expect(found.get('web')?.slow).toBeGreaterThan(2 * (found.get('cart')?.slow ?? 1));
  });

  it('is nobody’s while it stays as it was', () => {
    for (const one of blame(spansOf(usual, 50), spansOf(usual, 50, 1000)).values())
      expect(one).toMatchObject({ slow: 0, sharp: 0, ending: 0, vanished: 0, failing: 0 });
  });
});

describe('requests that go no further', () => {
  it('point at the service that several callers call last', () => {
    const other = (calls: readonly Shape[]): Shape => ({ service: 'api', ownUs: 1000, calls });
    const before = [
      ...spansOf(usual, 50),
      ...spansOf(other([call('cart', 3000, 4000, 'api'), call('ads', 3000, 4000, 'api')]), 50, 100),
    ];
    const after = [
      ...spansOf(web(call('cart', 3000, 4000)), 50),
      ...spansOf(other([call('cart', 3000, 4000, 'api')]), 50, 100),
    ];

    const found = blame(before, after);

    expect(found.get('cart')?.ending).toBeGreaterThan(found.get('web')?.ending ?? 1);
    expect(found.get('cart')?.ending).toBeGreaterThan(found.get('api')?.ending ?? 1);
  });

  it('tell of a service that is no longer there', () => {
    const gone = web(
      { service: 'web', operation: 'call cart', ownUs: 7000 },
      call('search', 3000, 4000),
      call('ads', 3000, 4000),
    );

    expect(blame(spansOf(usual, 50), spansOf(gone, 50)).get('cart')?.vanished).toBe(1);
  });

  it('that fail begin to fail in the deepest that does', () => {
    const failing = spansOf(usual, 50).map((span) => ({
      ...span,
      error: span.service === 'cart' || span.operation === 'call cart' || span.parent === null,
    }));

    const found = blame(spansOf(usual, 50), failing);

    expect(found.get('cart')?.failing).toBeGreaterThan(0.5);
    expect(found.get('web')?.failing).toBe(0);
  });
});
