import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeExportRequest, encodeExportResponse } from '../../../src/http/telemetry/otlp-schema.ts';
import { readOtlpSpans } from '../../../src/http/telemetry/read-otlp-spans.ts';
import { readZipkinSpans } from '../../../src/http/telemetry/read-zipkin-spans.ts';
import type { Span } from '../../../src/ports/trace-source.ts';

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/telemetry/${name}`, import.meta.url));
}

function spansOf(read: { spans: Span[]; rejected: number } | undefined): Span[] {
  expect(read?.rejected).toBe(0);
  return read?.spans ?? [];
}

const json = [1, 2, 3].flatMap((i) =>
  spansOf(readOtlpSpans(JSON.parse(fixture(`otlp-traces-export-${i}.json`).toString('utf8')))),
);
const binary = [1, 2, 3].flatMap((i) =>
  spansOf(readOtlpSpans(decodeExportRequest('spans', fixture(`otlp-traces-export-${i}.pb`)))),
);
const zipkin = [1, 2, 3].flatMap((i) =>
  spansOf(readZipkinSpans(JSON.parse(fixture(`zipkin-v2-spans-${i}.json`).toString('utf8')))),
);

/** What must not depend on the protocol: three separate requests of the same three services. */
function shapeOf(spans: readonly Span[]) {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const inOrder = spans.toSorted((a, b) => `${a.service} ${a.kind}`.localeCompare(`${b.service} ${b.kind}`));
  return inOrder.map(({ service, operation, kind, error, parentId }) => ({
    service,
    operation,
    kind,
    error,
    parent: parentId === null ? null : (byId.get(parentId)?.service ?? 'missing'),
  }));
}

describe('spans that the OpenTelemetry SDK sent', () => {
  it('form one whole trace across services', () => {
    expect(new Set(json.map((span) => span.traceId)).size).toBe(1);
    expect(new Set(json.map((span) => span.service))).toEqual(
      new Set(['gateway', 'order-service', 'user-service']),
    );
    expect(json.filter((span) => span.parentId === null)).toHaveLength(1);
    expect(shapeOf(json).map((one) => one.parent)).not.toContain('missing');
  });

  it('are the same whether they came as JSON, as protobuf or by Zipkin', () => {
    expect(shapeOf(binary)).toEqual(shapeOf(json));
    expect(shapeOf(zipkin)).toEqual(shapeOf(json));
  });

  it.each([
    ['JSON', json],
    ['protobuf', binary],
  ])('keep times, attributes and what went wrong, as %s', (_what, spans) => {
    const root = spans.find((span) => span.operation === 'POST /checkout');

    expect(root).toMatchObject({ service: 'gateway', kind: 'server', error: true, parentId: null });
    expect(root?.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.response.status_code': 502,
      'service.version': '1.4.2',
    });
    expect(root?.errorText).toContain('downstream 502');
    expect(root?.errorText).toContain('at callDownstream');
    expect(root?.durationUs).toBeGreaterThan(100_000);
    expect(new Date((root?.startUs ?? 0) / 1000).getUTCFullYear()).toBe(2026);
  });

  it('are read to the microsecond, although nanoseconds exceed what a number holds', () => {
    const root = json.find((span) => span.operation === 'POST /checkout');

    expect(root?.startUs).toBe(1_795_336_347_789_000);
    expect(root?.durationUs).toBe(314_416);
  });
});

describe('other spellings of OTLP', () => {
  const span = {
    traceId: '4BF92F3577B34DA6A3CE929D0E0E4736',
    spanId: '00f067aa0ba902b7',
    parentSpanId: '',
    name: 'work',
    kind: 'SPAN_KIND_CONSUMER',
    startTimeUnixNano: 1_795_336_347_789_000_000,
    endTimeUnixNano: '1795336347790000000',
    status: { code: 'STATUS_CODE_ERROR', message: 'boom' },
    attributes: [
      { key: 'big', value: { intValue: '9007199254740993' } },
      { key: 'small', value: { intValue: '42' } },
      { key: 'ratio', value: { doubleValue: 0.5 } },
      { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: 1 }] } } },
      { key: 'map', value: { kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } } },
      { key: 'empty', value: {} },
      { key: 7 },
      null,
    ],
  };

  function request(...spans: unknown[]): unknown {
    return { resourceSpans: [{ scopeSpans: [{ spans }] }] };
  }

  it('are read: enum names, numbers for times, text for integers, upper-case ids', () => {
    expect(readOtlpSpans(request(span))).toEqual({
      rejected: 0,
      spans: [
        {
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
          spanId: '00f067aa0ba902b7',
          parentId: null,
          service: 'unknown',
          operation: 'work',
          kind: 'consumer',
          startUs: 1_795_336_347_789_000,
          durationUs: 1_000,
          error: true,
          errorText: 'boom',
          attributes: {
            big: '9007199254740993',
            small: 42,
            ratio: 0.5,
            list: '["a",1]',
            map: '{"k":true}',
          },
        },
      ],
    });
  });

  it('that make no span are counted and leave the others alone', () => {
    const read = readOtlpSpans(
      request(
        span,
        { ...span, traceId: 'short' },
        { ...span, spanId: '0'.repeat(16) },
        { ...span, startTimeUnixNano: 'x' },
        null,
        3,
      ),
    );

    expect(read?.spans).toHaveLength(1);
    expect(read?.rejected).toBe(5);
  });

  it.each([[null], [[]], ['text'], [7]])('%s is no request', (body) => {
    expect(readOtlpSpans(body)).toBeUndefined();
  });

  it('an odd but empty request has no spans', () => {
    expect(readOtlpSpans({})).toEqual({ spans: [], rejected: 0 });
    expect(readOtlpSpans({ resourceSpans: [null, { scopeSpans: 'x' }] })).toEqual({ spans: [], rejected: 0 });
  });

  it('random protobuf is decoded or refused, and never hangs', () => {
    let state = 99;
    const outcomes = new Set<string>();
    for (let round = 0; round < 3_000; round += 1) {
      const bytes = Uint8Array.from(fixture('otlp-traces-export-1.pb'));
      for (let hit = 0; hit < 3; hit += 1) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        bytes[state % bytes.length] = state >>> 24;
      }
      try {
        readOtlpSpans(decodeExportRequest('spans', bytes));
        outcomes.add('read');
      } catch {
        outcomes.add('refused');
      }
    }

    expect(outcomes).toEqual(new Set(['read', 'refused']));
  });

  it('an answer without rejections is an empty message', () => {
    expect(encodeExportResponse(0, '')).toHaveLength(0);
    expect(encodeExportResponse(2, 'why').length).toBeGreaterThan(0);
  });
});

describe('Zipkin', () => {
  it('spans without ids or time are counted', () => {
    const good = { traceId: '28b1a5407d7eccad', id: 'c890d8467170ce21', timestamp: 1_795_336_373_654_000 };

    const read = readZipkinSpans([good, { ...good, id: 'x' }, { ...good, timestamp: undefined }, null]);

    expect(read?.rejected).toBe(3);
    expect(read?.spans[0]).toMatchObject({
      traceId: '000000000000000028b1a5407d7eccad',
      service: 'unknown',
      durationUs: 0,
      error: false,
    });
    expect(readZipkinSpans({})).toBeUndefined();
  });
});
