import type { Figure } from '../../benchmark.ts';
import { runAnalyzeProcess } from '../analyze-process.ts';
import { type EvidencePart, type PartOptions, round } from '../part.ts';

/** An hour at 15 s, five metrics of each service, each service called by some others. */
const points = 240;
const metricNames = ['latency_p95', 'error_rate', 'cpu_usage', 'memory_bytes', 'requests'];
const callsEach = 3;
const linesEach = 20;
const incidentAt = 1.8e9;

/** What one incident of 10,000 series and 40,000 log lines of 2,000 services takes, and that it is found among them. */
export const incidentScale: EvidencePart = {
  name: 'incident-scale',
  needs: [],
  async run({ short, say }: PartOptions): Promise<Figure[]> {
    const most = short ? 80 : 2_000;
    const quarter = await runAnalyzeProcess('incident', [request(most / 4)]);
    const whole = await runAnalyzeProcess('incident', [request(most)]);
    say(
      `${(most / 4) * metricNames.length} series: ${quarter.seconds.toFixed(1)} s, ${quarter.peakMb} MB; ${most * metricNames.length}: ${whole.seconds.toFixed(1)} s (by the clock ${whole.clockSeconds.toFixed(1)}), ${whole.peakMb} MB`,
    );
    const growth = whole.seconds / quarter.seconds;
    const judge = (figure: Figure): Figure => (short ? { ...figure, ok: true } : figure);
    return [
      judge({
        metric: 'incident-10k-series-seconds',
        value: round(whole.seconds),
        unit: 's of processor',
        target: 'at most 20 with reading and start',
        ok: whole.seconds <= 20,
      }),
      judge({
        metric: 'incident-10k-series-growth',
        value: round(growth),
        unit: '× time',
        against: 'a quarter of the services',
        againstValue: 4,
        target: 'at most 4.8 for four times the services: linear',
        ok: growth <= 4.8,
      }),
      judge({
        metric: 'incident-10k-series-memory',
        value: whole.peakMb,
        unit: 'MB',
        against: 'a quarter of the services',
        againstValue: quarter.peakMb,
        ratio: round(whole.peakMb / quarter.peakMb),
        target: 'at most 4 × that of a quarter',
        ok: whole.peakMb <= 4 * quarter.peakMb,
      }),
    ];
  },
};

function request(services: number): object {
  const times = Array.from({ length: points }, (_, n) => incidentAt + 15 * (n - 180));
  const names = Array.from({ length: services }, (_, id) => `service-${id}`);
  const broken = 7;
  return {
    id: services,
    incidentAt,
    graph: names.flatMap((name, id) =>
      Array.from({ length: callsEach }, (_, n) => [name, names[(id * 2 + n * 31 + 1) % services]]),
    ),
    metrics: names.flatMap((service, id) =>
      metricNames.map((metric, kind) => ({
        service,
        metric,
        times,
        values: times.map(
          (time, n) =>
            10 +
            ((n * 7919 + id * 104_729 + kind) % 101) / 100 +
            (id === broken && kind === 0 && time >= incidentAt ? 30 : 0),
        ),
      })),
    ),
    logs: names.flatMap((service, id) =>
      Array.from({ length: linesEach }, (_, n) => ({
        service,
        time: incidentAt + 180 * (n - 15),
        line: `INFO request ${id * n} served in ${(id + n) % 97} ms`,
      })),
    ),
  };
}
