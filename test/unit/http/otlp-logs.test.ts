import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeExportRequest } from '../../../src/http/telemetry/otlp-schema.ts';
import { readOtlpLogs } from '../../../src/http/telemetry/read-otlp-logs.ts';

const defaults = { service: 'unnamed', at: new Date('2026-01-01T00:00:00Z') };
const fixture = (name: string) => readFileSync(new URL(`../../fixtures/telemetry/${name}`, import.meta.url));

describe('log records that the OpenTelemetry SDK wrote', () => {
  it.each([
    ['JSON', JSON.parse(fixture('otlp-logs-export.json').toString('utf8')) as unknown],
    ['protobuf', decodeExportRequest('logs', fixture('otlp-logs-export.pb'))],
  ])('in %s become lines with time, level, service, trace and fields', (_kind, body) => {
    expect(readOtlpLogs(body, defaults)).toEqual({
      rejected: 0,
      lines: [
        {
          at: new Date('2026-11-22T08:30:00.000Z'),
          service: 'checkout',
          level: 'error',
          message: 'card was declined',
          traceId: '0af7651916cd43dd8448eb211c80319c',
          fields: {
            'order.id': 4711,
            retry: false,
            'exception.type': 'CardError',
            'deployment.environment': 'test',
          },
        },
        {
          at: new Date('2026-11-22T08:30:00.001Z'),
          service: 'checkout',
          level: 'info',
          message: 'order placed',
          fields: { amount: 12.5, tags: '["a","b"]', 'deployment.environment': 'test' },
        },
        {
          at: new Date('2026-11-22T08:30:00.002Z'),
          service: 'checkout',
          level: 'warn',
          message: 'queue is long',
          fields: { depth: 90, 'deployment.environment': 'test' },
        },
      ],
    });
  });
});

describe('log records of other writers', () => {
  const read = (record: object) =>
    readOtlpLogs({ resource_logs: [{ scope_logs: [{ log_records: [record] }] }] }, defaults);

  it('may name their fields and severities as protobuf does, and have only the time they were seen', () => {
    const record = {
      observed_time_unix_nano: '1795336200000000000',
      severity_number: 'SEVERITY_NUMBER_FATAL2',
      body: { stringValue: 'gone' },
    };

    expect(read(record)?.lines).toEqual([
      {
        at: new Date('2026-11-22T08:30:00Z'),
        service: 'unnamed',
        level: 'fatal',
        message: 'gone',
        fields: {},
      },
    ]);
  });

  it('speak for themselves where an attribute says otherwise', () => {
    const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    const record = {
      timeUnixNano: '1795336200000000000',
      severityNumber: 5,
      body: { stringValue: 'mine' },
      attributes: [attribute('msg', 'theirs'), attribute('level', 'fatal'), attribute('ts', '2001-01-01')],
    };

    expect(read(record)?.lines).toMatchObject([
      { message: 'mine', level: 'debug', at: new Date('2026-11-22T08:30:00Z') },
    ]);
  });

  it('that say nothing are counted, and other bodies are none', () => {
    expect(read({})).toEqual({ lines: [], rejected: 1 });
    expect(readOtlpLogs([], defaults)).toBeUndefined();
  });
});
