import { describe, expect, it } from 'vitest';
import type { IncidentWindow } from '../../../../src/agents/signals/incident-window.ts';
import { readMetricSignals } from '../../../../src/agents/signals/metric-signals.ts';
import { aService } from '../../../support/builders.ts';
import { createStoredMetrics, type StoredSeries } from '../invented-metrics.ts';

const dayS = 86_400;
const onsetS = Date.parse('2026-03-04T18:00:00Z') / 1000;
const window: IncidentWindow = {
  baselineFrom: new Date((onsetS - 1800) * 1000),
  onset: new Date(onsetS * 1000),
  alertedAt: new Date((onsetS + 300) * 1000),
  to: new Date((onsetS + 600) * 1000),
  onsetFrom: 'spans',
  expressions: [],
};

/** Half an hour before and ten minutes after the same time of day, so many days ago. */
function onDay(back: number, per: (minute: number) => number, name: string, status = '200'): StoredSeries {
  const times = Array.from({ length: 41 }, (_, n) => onsetS - back * dayS - 1800 + n * 60);
  const counter = name.endsWith('_total');
  return {
    labels: { __name__: name, service: 'till', ...(counter ? { status } : {}) },
    times,
    values: times.map((_, n) => (counter ? sumUntil(n, per) : per(n))),
  };
}

function sumUntil(minute: number, per: (minute: number) => number): number {
  let sum = 0;
  for (let n = 0; n <= minute; n += 1) sum += per(n);
  return sum;
}

const evening = (minute: number) => (minute <= 30 ? 600 : 2000);
const still = () => 600;

async function read(...stored: StoredSeries[]) {
  const service = aService({ name: 'till', metrics: { service: 'till' } });
  const metrics = createStoredMetrics(stored, 'x > 1');
  const { signals } = await readMetricSignals(metrics, service, window, AbortSignal.timeout(5_000));
  return (kind: string) => signals.find((one) => one.kind === kind);
}

describe('the same hour of other days', () => {
  it.each([
    ['yesterday', 1, 'yesterday'],
    ['a week ago', 7, 'a week ago'],
  ])('makes a peak that came %s, too, no anomaly, and says so', async (_case, back, words) => {
    const today = await read(onDay(0, evening, 'http_requests_total'));
    const usual = await read(
      onDay(0, evening, 'http_requests_total'),
      onDay(back, evening, 'http_requests_total'),
    );

    expect(usual('traffic')?.text).toBe(`requests 10.0/s → 33.3/s, usual for this hour (as ${words})`);
    expect(usual('traffic')?.score).toBeLessThan(0.5 * (today('traffic')?.score ?? 0));
  });

  it('leaves alone what other days did not have', async () => {
    const saw = await read(onDay(0, evening, 'http_requests_total'), onDay(1, still, 'http_requests_total'));

    expect(saw('traffic')?.text).toBe('requests 10.0/s → 33.3/s');
  });

  it('knows today, whatever became of the other days', async () => {
    const service = aService({ name: 'till', metrics: { service: 'till' } });
    const today = createStoredMetrics([onDay(0, evening, 'http_requests_total')], 'x > 1');
    const forgetful: typeof today = {
      ...today,
      range: async (query, signal) => {
        if (query.to.getTime() < onsetS * 1000) throw new Error('out of retention');
        return await today.range(query, signal);
      },
    };

    const { signals } = await readMetricSignals(forgetful, service, window, AbortSignal.timeout(5_000));

    expect(signals.find((one) => one.kind === 'traffic')?.text).toBe('requests 10.0/s → 33.3/s');
  });

  it('excuses no failures, though they come every day', async () => {
    const failing = (minute: number) => (minute <= 30 ? 0 : 120);
    const days = [0, 1].flatMap((back) => [
      onDay(back, still, 'http_requests_total'),
      onDay(back, failing, 'http_requests_total', '500'),
    ]);

    expect((await read(...days))('errors')?.text).toBe('failing requests 0.0 % → 16.7 %');
  });

  it('excuses a queue that fills as ever, and none that fills more', async () => {
    const depth = (most: number) => (minute: number) => (minute <= 30 ? 2 : most);
    const name = 'queue_depth';

    expect((await read(onDay(0, depth(40), name), onDay(1, depth(38), name)))('saturation')?.text).toContain(
      'usual',
    );
    expect((await read(onDay(0, depth(90), name), onDay(1, depth(38), name)))('saturation')?.text).toBe(
      'queue_depth 2 → 90',
    );
  });
});
