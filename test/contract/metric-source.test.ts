import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { SourceRefused, SourceUnreachable } from '../../src/platform/errors.ts';
import type { MetricSource } from '../../src/ports/metric-source.ts';
import { type Exporter, startExporter, startPrometheus } from '../support/prometheus.ts';
import { freePort, type ServerProcess, until } from '../support/server-process.ts';

const rules = `
groups:
  - name: billing
    rules:
      - alert: QueueLong
        expr: queue_length{service="billing"} > 5
        for: 1s
        labels: { severity: critical }
        annotations: { summary: 'queue of {{ $labels.service }} is long' }
      - record: job:queue:max
        expr: max(queue_length)
`;

let exporter: Exporter;
let server: ServerProcess;
let source: MetricSource;
const never = new AbortController().signal;

beforeAll(async () => {
  exporter = await startExporter();
  exporter.expose(
    'queue_length{service="billing"} 7\nqueue_length{service="mail"} NaN\nidle{service="mail"} +Inf\n',
  );
  server = await startPrometheus({ targets: [exporter.target], rules });
  source = createPrometheus({ url: `${server.url}/`, auth: null });
  await until('three scrapes', async () => {
    const seen = await source.instant('count_over_time(queue_length{service="billing"}[1m])', never);
    return (seen[0]?.value ?? 0) >= 3;
  });
});

afterAll(async () => {
  await server?.stop();
  await exporter?.close();
});

describe('a real Prometheus as metric source', () => {
  it('reads values of now, with NaN and infinities as null', async () => {
    const [billing] = await source.instant('queue_length{service="billing"}', never);

    expect(billing?.value).toBe(7);
    expect(billing?.labels).toMatchObject({ __name__: 'queue_length', service: 'billing' });
    expect((await source.instant('queue_length{service="mail"}', never)).map((one) => one.value)).toEqual([
      null,
    ]);
    expect((await source.instant('idle', never)).map((one) => one.value)).toEqual([null]);
  });

  it('reads a scalar as one sample without labels, and nothing as no sample', async () => {
    expect(await source.instant('1 + 1', never)).toEqual([{ labels: {}, value: 2 }]);
    expect(await source.instant('no_such_metric', never)).toEqual([]);
  });

  it('reads ranges as ascending times with a value each', async () => {
    const to = new Date();
    const from = new Date(to.getTime() - 10_000);

    const series = await source.range({ expression: 'queue_length', from, to, stepS: 1 }, never);

    const billing = series.find((one) => one.labels['service'] === 'billing');
    expect(billing?.times.length).toBeGreaterThan(2);
    expect(billing?.times).toEqual(billing?.times.toSorted((a, b) => a - b));
    expect(billing?.values.every((value) => value === 7)).toBe(true);
    expect(
      series.find((one) => one.labels['service'] === 'mail')?.values.every((value) => value === null),
    ).toBe(true);
  });

  it('widens a step that would exceed the points that Prometheus gives', async () => {
    const to = new Date();
    const from = new Date(to.getTime() - 30 * 24 * 3_600_000);

    const series = await source.range({ expression: 'vector(1)', from, to, stepS: 1 }, never);

    expect(series[0]?.times.length).toBeGreaterThan(9_000);
    expect(series[0]?.times.length).toBeLessThanOrEqual(10_001);
  });

  it('says what is wrong with a query in the words of the server', async () => {
    const syntax = source.instant('sum(queue_length', never);
    await expect(syntax).rejects.toThrow(SourceRefused);
    await expect(syntax).rejects.toThrow(/unclosed left parenthesis/);

    const matching = source.instant(
      'queue_length + on() group_left() queue_length * on() queue_length',
      never,
    );
    await expect(matching).rejects.toMatchObject({ code: 'source_refused', retryable: false });
  });

  it('sends queries that are longer than a URL may be', async () => {
    const long = `queue_length{service=~"billing|${'x'.repeat(20_000)}"}`;

    expect(await source.instant(long, never)).toHaveLength(1);
  });

  it('finds an alert rule by name, with its expression', async () => {
    expect(await source.alertRules('QueueLong', never)).toEqual([
      {
        name: 'QueueLong',
        expression: 'queue_length{service="billing"} > 5',
        labels: { severity: 'critical' },
        annotations: { summary: 'queue of {{ $labels.service }} is long' },
      },
    ]);
    expect(await source.alertRules('job:queue:max', never)).toEqual([]);
  });

  it('names the metrics of a selection, whatever its values hold', async () => {
    expect(await source.metricNames({ service: 'mail' }, never)).toEqual(['idle', 'queue_length']);
    expect(await source.metricNames({ service: 'a"b\\c\nd' }, never)).toEqual([]);
    expect(await source.metricNames({}, never)).toContain('up');
  });

  it('says that the server is away, and where it was looked for', async () => {
    const port = await freePort();
    const away = createPrometheus({ url: `http://127.0.0.1:${port}`, auth: null });

    const answer = away.instant('up', never);

    await expect(answer).rejects.toThrow(SourceUnreachable);
    await expect(answer).rejects.toMatchObject({ hint: expect.stringContaining(`127.0.0.1:${port}`) });
  });

  it('takes the server giving up on a slow query as no answer', async () => {
    const hasty = createPrometheus({ url: server.url, auth: null, timeoutMs: 1 });

    const answer = hasty.range(
      {
        expression: 'sum_over_time(up[1d:100ms])',
        from: new Date(Date.now() - 86_400_000),
        to: new Date(),
        stepS: 10,
      },
      never,
    );

    await expect(answer).rejects.toThrow(SourceUnreachable);
  });

  it('stops when the caller aborts', async () => {
    await expect(source.instant('up', AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  it('takes an address that is no Prometheus for a wrong setting', async () => {
    const wrong = createPrometheus({ url: `http://${exporter.target}`, auth: null });

    await expect(wrong.instant('up', never)).rejects.toMatchObject({
      code: 'source_refused',
      hint: expect.stringContaining('PROMETHEUS_URL'),
    });
  });
});

describe('a real Prometheus behind basic auth', () => {
  it('is read with the right password and refused with another', async () => {
    // bcrypt of "test", from Prometheus' own documentation.
    const hash = '$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay';
    const guarded = await startPrometheus({ targets: [], basicAuth: { user: 'reader', hash } });
    try {
      const right = createPrometheus({
        url: guarded.url,
        auth: { kind: 'basic', user: 'reader', password: 'test' },
      });
      expect(await right.instant('1', never)).toHaveLength(1);

      const wrong = createPrometheus({ url: guarded.url, auth: { kind: 'bearer', token: 'nonsense' } });
      await expect(wrong.instant('1', never)).rejects.toMatchObject({
        code: 'source_refused',
        message: expect.stringContaining('401'),
      });
    } finally {
      await guarded.stop();
    }
  });
});
