import { describe, expect, it } from 'vitest';
import { parseLokiPush } from '../../../src/http/telemetry/loki-push.ts';
import { normaliseLogLine } from '../../../src/http/telemetry/normalise-log-line.ts';
import { parseLogBody } from '../../../src/http/telemetry/parse-log-body.ts';
import { parseTime } from '../../../src/http/telemetry/parse-time.ts';

const received = new Date('2026-11-22T12:00:00Z');
const defaults = { service: 'from-request', at: received };

function kindsOf(body: string): string[] {
  return parseLogBody(new TextEncoder().encode(body))?.map((entry) => entry.kind) ?? [];
}

function lineOf(value: Readonly<Record<string, unknown>>) {
  const line = normaliseLogLine({ kind: 'object', value }, defaults);
  if (line === undefined) throw new Error('no line');
  return line;
}

describe('a pushed body', () => {
  it.each([
    ['NDJSON', '{"a":1}\n{"a":2}\r\n\n{"a":3}', ['object', 'object', 'object']],
    ['one JSON array', ' [{"a":1}, {"a":2}, "text", 3]', ['object', 'object', 'text', 'bad']],
    ['documents one after another', '{"a":"}{"}{"b":{"c":"\\"}"}} {"d":1}', ['object', 'object', 'object']],
    ['documents over several lines', '{\n  "a": 1\n}\n{\n  "b": 2\n}\n', ['object', 'object']],
    ['plain text', 'one line\nanother [line]\n', ['text', 'text']],
    ['text that begins like an array', '[INFO] started\n[WARN] slow\n', ['text', 'text']],
    ['a broken line among good ones', '{"a":1}\n{"a":\n{"a":3}\n', ['object', 'bad', 'object']],
    ['nothing', '', []],
  ])('is read as %s', (_what, body, kinds) => {
    expect(kindsOf(body)).toEqual(kinds);
  });

  it('of nothing but broken lines costs no more than its length', () => {
    const startedMs = performance.now();

    const kinds = kindsOf('{"a\n'.repeat(100_000));

    expect(kinds).toHaveLength(100_000);
    expect(new Set(kinds)).toEqual(new Set(['bad']));
    expect(performance.now() - startedMs).toBeLessThan(8_000);
  });

  it.each([
    ['lines', 'x\n'.repeat(100_001)],
    ['members of an array', `[${'1,'.repeat(100_000)}1]`],
  ])('of more %s than one request may hold is not read', (_what, body) => {
    expect(parseLogBody(new TextEncoder().encode(body))).toBeUndefined();
  });
});

describe('times', () => {
  it.each([
    ['2026-11-22T08:26:31.141Z', '2026-11-22T08:26:31.141Z'],
    ['2026-11-22T09:26:31.141+01:00', '2026-11-22T08:26:31.141Z'],
    ['2026-11-22 08:26:31,141', '2026-11-22T08:26:31.141Z'],
    ['2026-11-22T08:26:31.141999999Z', '2026-11-22T08:26:31.141Z'],
    [1_795_335_991, '2026-11-22T08:26:31.000Z'],
    [1_795_335_991.141, '2026-11-22T08:26:31.141Z'],
    [1_795_335_991_141, '2026-11-22T08:26:31.141Z'],
    [1_795_335_991_141_000, '2026-11-22T08:26:31.141Z'],
    ['1795335991141000000', '2026-11-22T08:26:31.141Z'],
  ])('%s is understood', (value, expected) => {
    expect(parseTime(value)?.toISOString()).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '12',
    0,
    -5,
    Number.NaN,
    null,
    {},
    '0001-01-01T00:00:00Z',
    1e300,
    '2026-99-99T00:00:00Z',
  ])('%s is no time', (value) => {
    expect(parseTime(value)).toBeUndefined();
  });
});

describe('a structured line', () => {
  it('is told in our words, and each thing once', () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

    expect(
      lineOf({
        ts: '2026-11-22T08:26:31.141Z',
        level: 'ERROR',
        service: 'billing',
        traceId,
        msg: 'charge failed',
        durationMs: 12,
        ok: false,
        user: { id: 7, tags: ['a', 'b'], none: null },
      }),
    ).toEqual({
      at: new Date('2026-11-22T08:26:31.141Z'),
      service: 'billing',
      level: 'error',
      message: 'charge failed',
      traceId,
      fields: { durationMs: 12, ok: false, 'user.id': 7, 'user.tags': '["a","b"]', 'user.none': null },
    });
  });

  it.each([
    ['pino', { level: 50, time: 1_795_335_991_141, msg: 'm' }, 'error'],
    ['winston', { level: 'warn', message: 'm', timestamp: '2026-11-22T08:26:31.141Z' }, 'warn'],
    ['python', { levelname: 'CRITICAL', message: 'm', asctime: 'x' }, 'fatal'],
    ['ECS', { 'log.level': 'info', '@timestamp': '2026-11-22T08:26:31.141Z', message: 'm' }, 'info'],
    ['ECS, nested', { log: { level: 'debug' }, message: 'm' }, 'debug'],
    ['syslog', { severity: 3, message: 'm' }, 'error'],
    ['Fluent Bit', { date: 1_795_335_991.141, log: 'm' }, 'unknown'],
    ['a word of its own', { level: 'constructor', msg: 'm' }, 'unknown'],
  ])('of %s has its level and message found', (_what, value, level) => {
    expect(lineOf(value)).toMatchObject({ level, message: 'm' });
  });

  it('names its service in any of the usual places, else the request does', () => {
    expect(lineOf({ service: { name: 'a' }, msg: 'm' }).service).toBe('a');
    expect(lineOf({ 'service.name': 'b', msg: 'm' }).service).toBe('b');
    expect(lineOf({ kubernetes: { labels: { app: 'c' }, container_name: 'x' }, log: 'm' }).service).toBe('c');
    expect(lineOf({ msg: 'm' }).service).toBe('from-request');
    expect(lineOf({ service: 7, msg: 'm' }).service).toBe('from-request');
  });

  it("is unwrapped when a container runtime put the service's own line into a field", () => {
    const inner = JSON.stringify({ level: 'error', msg: 'inside', service: 'billing' });

    const line = lineOf({ log: `${inner}\n`, stream: 'stdout', time: '2026-11-22T08:26:31.141999Z' });

    expect(line).toMatchObject({
      level: 'error',
      message: 'inside',
      service: 'billing',
      fields: { stream: 'stdout' },
    });
    expect(line.at.toISOString()).toBe('2026-11-22T08:26:31.141Z');
  });

  it('keeps a stack trace whole and cuts what is out of all measure', () => {
    const stack = `Error: x\n${'    at f (/app/index.js:1:1)\n'.repeat(100)}`;
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field${i}`, i]));

    const line = lineOf({ msg: 'x'.repeat(100_000), err: { stack }, note: 'y'.repeat(10_000), ...many });

    expect(line.fields['err.stack']).toBe(stack);
    expect(line.message.length).toBe(8_000);
    expect(String(line.fields['note']).length).toBe(2_000);
    expect(Object.keys(line.fields).length).toBeLessThanOrEqual(64);
  });

  it('without a message says what it holds', () => {
    expect(lineOf({ level: 'info', count: 3 }).message).toBe('{"count":3}');
  });

  it('survives nesting and names that are no honest log', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 20_000; i += 1) deep = [{ a: deep }];

    const line = lineOf(
      JSON.parse(`{"msg":"m","__proto__":{"x":1},"constructor":"c"}`) as Record<string, unknown>,
    );

    expect(line.fields).toMatchObject({ '__proto__.x': 1, constructor: 'c' });
    expect(lineOf({ msg: 'm', deep }).fields['deep']).toBe('(nested too deeply to be kept)');
  });

  it('of plain text is a line of unknown level', () => {
    expect(normaliseLogLine({ kind: 'text', text: 'panic: out of cheese\n' }, defaults)).toEqual({
      at: received,
      service: 'from-request',
      level: 'unknown',
      message: 'panic: out of cheese',
      fields: {},
    });
  });
});

describe("Loki's push", () => {
  it('gives its labels, its metadata and its own time to each line', () => {
    const push = {
      streams: [
        {
          stream: { app: 'billing', env: 'prod' },
          values: [
            ['1795335991141000000', 'plain words', { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' }],
            ['1795335991142000000', '{"level":"error","msg":"structured"}'],
            ['1795335991143000000'],
          ],
        },
        'nonsense',
      ],
    };

    const parsed = parseLokiPush(new TextEncoder().encode(JSON.stringify(push)), defaults);

    expect(parsed?.rejected).toBe(2);
    expect(parsed?.lines).toMatchObject([
      {
        service: 'billing',
        message: 'plain words',
        level: 'unknown',
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        fields: { env: 'prod' },
      },
      { service: 'billing', message: 'structured', level: 'error' },
    ]);
    expect(parsed?.lines.map((line) => line.at.toISOString())).toEqual([
      '2026-11-22T08:26:31.141Z',
      '2026-11-22T08:26:31.142Z',
    ]);
    expect(parseLokiPush(new TextEncoder().encode('{}'), defaults)).toBeUndefined();
  });
});
