import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeExportResponse } from '../../src/http/telemetry/otlp-schema.ts';
import { until } from '../support/server-process.ts';
import { startWarroomHttp, telemetryToken, type WarroomHttp } from '../support/warroom-http.ts';

let warroom: WarroomHttp;
const never = new AbortController().signal;

beforeAll(async () => {
  warroom = await startWarroomHttp();
});

afterAll(async () => {
  await warroom?.close();
});

async function storedLines(service: string) {
  const from = new Date(Date.now() - 365 * 86_400_000);
  return (
    await warroom.telemetry.lines({ service, from, to: new Date(Date.now() + 60_000), limit: 10_000 }, never)
  ).lines;
}

async function storedSpans() {
  const from = new Date(Date.now() - 365 * 86_400_000);
  return (await warroom.telemetry.spans({ from, to: new Date(Date.now() + 60_000), limit: 10_000 }, never))
    .spans;
}

describe('changes told over HTTP', () => {
  const push = (body: unknown) =>
    warroom.call('/telemetry/changes', { method: 'POST', token: telemetryToken, body: JSON.stringify(body) });

  it('can be read back when the answer is there, those of all services by each of them', async () => {
    const at = '2026-03-02T10:00:00.000Z';
    const url = 'https://flags.example/new-checkout';
    const flag = {
      kind: 'flag',
      service: 'till',
      at,
      actor: 'ana',
      summary: 'new-checkout',
      before: false,
      after: true,
      url,
    };

    const response = await push([
      flag,
      { kind: 'infrastructure', service: '*', at, summary: 'node pool web' },
    ]);

    expect(await response.json()).toEqual({ accepted: 2, rejected: 0 });
    const from = new Date(at);
    const span = { from, to: new Date(from.getTime() + 1), limit: 10 };
    const none = { actor: null, before: null, after: null, url: null };
    const pool = { ...none, at: from, service: null, kind: 'infrastructure', summary: 'node pool web' };
    expect(await warroom.telemetry.changes({ service: 'other', ...span }, never)).toEqual([pool]);
    const mine = await warroom.telemetry.changes({ service: 'till', ...span }, never);
    expect(mine).toHaveLength(2);
    expect(mine).toContainEqual({ ...flag, at: from, before: 'false', after: 'true' });
  });

  it('are refused one by one, with the reason', async () => {
    const body = [
      { kind: 'flag', summary: 'dark mode' },
      { kind: 'mood', summary: 'bad' },
      { kind: 'config', summary: ' ' },
      { kind: 'config', summary: 'x', url: 'javascript:alert(1)' },
      { kind: 'deploy', summary: 'x', at: 'soon' },
    ];

    const response = await push(body);

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      accepted: 1,
      rejected: 4,
      reasons: [/^kind: /, /^summary: /, /^url: /, /^at: /].map((reason) => expect.stringMatching(reason)),
    });
    expect((await push({ kind: 'mood' })).status).toBe(400);
    expect((await warroom.call('/telemetry/changes', { method: 'POST', body: '{}' })).status).toBe(401);
  });
});

describe('logs pushed over HTTP', () => {
  it.each([
    ['NDJSON', (lines: object[]) => lines.map((line) => JSON.stringify(line)).join('\n')],
    ['a JSON array', (lines: object[]) => JSON.stringify(lines)],
    [
      'gzipped documents one after another',
      (lines: object[]) => gzipSync(lines.map((line) => JSON.stringify(line)).join('')),
    ],
  ])('as %s can be read back when the answer is there', async (what, write) => {
    const service = `shipper of ${what}`;
    const lines = [1, 2, 3].map((i) => ({
      time: new Date(Date.now() - 10_000 + i).toISOString(),
      level: 'warn',
      service,
      msg: `line ${i}`,
    }));
    const body = write(lines);

    const response = await warroom.call('/telemetry/logs', {
      method: 'POST',
      token: telemetryToken,
      headers: typeof body === 'string' ? {} : { 'content-encoding': 'gzip' },
      body,
    });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ accepted: 3, rejected: 0 });
    expect((await storedLines(service)).map((line) => line.message)).toEqual(['line 1', 'line 2', 'line 3']);
  });

  it('count broken lines, store the rest, and survive characters that PostgreSQL refuses', async () => {
    const body =
      '{"msg":"with \\u0000 and \\ud800","service":"odd"}\n{"broken\nplain words\n{"msg":"after","service":"odd"}\n';

    const response = await warroom.call('/telemetry/logs?service=plain', {
      method: 'POST',
      token: telemetryToken,
      body,
    });

    expect(await response.json()).toEqual({ accepted: 3, rejected: 1, reasons: ['broken JSON'] });
    expect(await storedLines('odd')).toHaveLength(2);
    expect((await storedLines('plain')).map((line) => line.message)).toEqual(['plain words']);
    expect(warroom.metrics.text()).toMatch(/warroom_telemetry_lines_total\{outcome="rejected"\} 1/);
  });

  it('are not taken without the token', async () => {
    for (const address of [
      '/telemetry/logs',
      '/_bulk',
      '/loki/api/v1/push',
      '/v1/traces',
      '/v1/logs',
      '/api/v2/spans',
    ])
      expect((await warroom.call(address, { method: 'POST', token: 'wrong', body: '{}' })).status).toBe(401);
  });

  it("of Loki's agents are taken as Loki would", async () => {
    const values = [[`${Date.now() - 1_000}000000`, 'from an agent']];

    const response = await warroom.call('/loki/api/v1/push', {
      method: 'POST',
      token: telemetryToken,
      body: JSON.stringify({ streams: [{ stream: { app: 'loki-app' }, values }] }),
    });

    expect(response.status).toBe(204);
    expect((await storedLines('loki-app')).map((line) => line.message)).toEqual(['from an agent']);
  });
});

describe('logs of an OpenTelemetry exporter', () => {
  it.each([
    ['application/json', 'otlp-logs-export.json'],
    ['application/x-protobuf', 'otlp-logs-export.pb'],
  ])('as %s are stored, and answered in kind', async (type, file) => {
    const before = await linesOfThen();
    const body = await readFile(new URL(`../fixtures/telemetry/${file}`, import.meta.url));

    const response = await warroom.call('/v1/logs', {
      method: 'POST',
      token: telemetryToken,
      headers: { 'content-type': type, 'content-encoding': 'gzip' },
      body: gzipSync(body),
    });

    expect([response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([200, type]);
    expect(await response.text()).toBe(type === 'application/json' ? '{}' : '');
    expect((await linesOfThen()).length - before.length).toBe(3);
  });

  it('are told when the body is something else', async () => {
    const send = (type: string, body: string) =>
      warroom.call('/v1/logs', {
        method: 'POST',
        token: telemetryToken,
        headers: { 'content-type': type },
        body,
      });

    expect((await send('application/json', '[]')).status).toBe(400);
    expect((await send('application/x-protobuf', 'no protobuf')).status).toBe(400);
    expect((await send('text/plain', 'x')).status).toBe(415);
  });

  /** The capture has a fixed time. */
  async function linesOfThen() {
    const [from, to] = [new Date('2026-11-22T08:00:00Z'), new Date('2026-11-22T09:00:00Z')];
    return (await warroom.telemetry.lines({ service: 'checkout', from, to, limit: 100 }, never)).lines;
  }
});

describe("Elasticsearch's bulk", () => {
  it('is answered item by item, with broken documents marked', async () => {
    const body = [
      '{"index":{"_index":"logs-a"}}',
      '{"msg":"one","service":"bulk"}',
      '{"create":{}}',
      'broken',
      '{"delete":{"_id":"1"}}',
      '{"update":{"_index":"logs-b"}}',
      '{"doc":{"msg":"two","service":"bulk"}}',
    ].join('\n');

    const response = await warroom.call('/_bulk', { method: 'POST', token: telemetryToken, body });
    const answer = (await response.json()) as {
      errors: boolean;
      items: Record<string, { status: number; _index: string }>[];
    };

    expect(response.headers.get('x-elastic-product')).toBe('Elasticsearch');
    expect(answer.errors).toBe(true);
    expect(
      answer.items.map(
        (item) => Object.entries(item).map(([action, { status, _index }]) => [action, _index, status])[0],
      ),
    ).toEqual([
      ['index', 'logs-a', 201],
      ['create', 'logs', 400],
      ['update', 'logs-b', 201],
    ]);
    expect((await storedLines('bulk')).map((line) => line.message).sort()).toEqual(['one', 'two']);
  });

  it('says what it is to those who ask first', async () => {
    const response = await warroom.call('/', { token: telemetryToken });

    expect(await response.json()).toMatchObject({ version: { number: expect.any(String) } });
    expect((await warroom.call('/telemetry/logs/_cat/health', { token: telemetryToken })).status).toBe(200);
  });

  it('takes what a real rsyslog sent: NDJSON under the wrong content type, the token as basic password', async () => {
    const capture = await readFile(
      new URL('../fixtures/telemetry/rsyslog-omelasticsearch-bulk.ndjson', import.meta.url),
    );

    const response = await fetch(`${warroom.url}/_bulk`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        authorization: `Basic ${Buffer.from(`rsyslog:${telemetryToken}`).toString('base64')}`,
      },
      body: capture,
    });

    expect(await response.json()).toMatchObject({ errors: false, items: [{}, {}, {}] });
    expect(await storedLines('order-service')).toMatchObject([
      { level: 'error', message: 'request handled 0', fields: { durationMs: 0 } },
      { level: 'info', message: 'request handled 1', traceId: '00000000000000000000000000001eef' },
      { level: 'info', message: 'request handled 2' },
    ]);
  });
});

describe('traces', () => {
  it('of a real OpenTelemetry SDK arrive with service, nesting and the exception', async () => {
    const provider = new NodeTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'sdk-service' }),
      spanProcessors: [
        new SimpleSpanProcessor(
          new OTLPTraceExporter({
            url: `${warroom.url}/v1/traces`,
            headers: { authorization: `Bearer ${telemetryToken}` },
          }),
        ),
      ],
    });
    const tracer = provider.getTracer('test');
    tracer.startActiveSpan('outer', (outer) => {
      outer.setStatus({ code: SpanStatusCode.ERROR, message: 'it broke' });
      outer.recordException(new TypeError('nothing there'));
      outer.end();
    });
    await provider.forceFlush();
    await provider.shutdown();

    const span = await until('the span', async () =>
      (await storedSpans()).find((one) => one.service === 'sdk-service'),
    );

    expect(span).toMatchObject({ operation: 'outer', error: true, parentId: null });
    expect(span.errorText).toContain('it broke');
    expect(span.errorText).toContain('TypeError: nothing there');
  });

  it('are answered in the type they came in, with what was dropped', async () => {
    const span = {
      traceId: '1'.repeat(32),
      spanId: '2'.repeat(16),
      startTimeUnixNano: `${Date.now()}000000`,
    };
    const send = (type: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
      warroom.call('/v1/traces', {
        method: 'POST',
        token: telemetryToken,
        headers: { 'content-type': type },
        body,
      });

    const json = await send(
      'application/json; charset=utf-8',
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span, { ...span, spanId: '' }] }] }] }),
    );
    expect(json.headers.get('content-type')).toContain('application/json');
    expect(await json.json()).toEqual({
      partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringContaining('dropped') },
    });

    const binary = await send('application/x-protobuf', new Uint8Array());
    expect(binary.status).toBe(200);
    expect(binary.headers.get('content-type')).toBe('application/x-protobuf');
    expect(new Uint8Array(await binary.arrayBuffer())).toEqual(Uint8Array.from(encodeExportResponse(0, '')));

    expect((await send('application/json', 'broken')).status).toBe(400);
    expect((await send('application/x-protobuf', Uint8Array.of(0xff, 0xff))).status).toBe(400);
    expect((await send('text/plain', '{}')).status).toBe(415);
  });
});
