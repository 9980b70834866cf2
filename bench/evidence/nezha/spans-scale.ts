import type { Figure } from '../../benchmark.ts';
import { runAnalyzeProcess } from '../analyze-process.ts';
import { type EvidencePart, type PartOptions, round } from '../part.ts';

const spansATrace = 20;

/** What an incident of 100,000 spans takes, half of them ordinary. */
export const spansScale: EvidencePart = {
  name: 'spans-scale',
  needs: [],
  async run({ short, say }: PartOptions): Promise<Figure[]> {
    const most = short ? 10_000 : 100_000;
    const start = await runAnalyzeProcess('incident', [request(200)]);
    const quarter = await runAnalyzeProcess('incident', [request(most / 4)]);
    const whole = await runAnalyzeProcess('incident', [request(most)]);
    say(
      `${most / 4} spans: ${quarter.seconds.toFixed(2)} s, ${quarter.peakMb} MB; ${most}: ${whole.seconds.toFixed(2)} s, ${whole.peakMb} MB; start ${start.seconds.toFixed(2)} s, ${start.peakMb} MB`,
    );
    // The process itself takes its time and memory to start: what grows is the rest.
    const growth = (whole.seconds - start.seconds) / Math.max(0.01, quarter.seconds - start.seconds);
    const memory = (whole.peakMb - start.peakMb) / Math.max(1, quarter.peakMb - start.peakMb);
    const judge = (figure: Figure): Figure => (short ? { ...figure, ok: true } : figure);
    return [
      judge({
        metric: 'spans-100k-seconds',
        value: round(whole.seconds),
        unit: 's',
        target: 'at most 20 with reading and start',
        ok: whole.seconds <= 20,
      }),
      judge({
        metric: 'spans-100k-growth',
        value: round(growth),
        unit: '× time',
        against: 'a quarter of the spans',
        againstValue: 4,
        target: 'at most 6 for four times the spans: linear',
        ok: growth <= 6,
      }),
      judge({
        metric: 'spans-100k-memory',
        value: whole.peakMb,
        unit: 'MB',
        against: 'a quarter of the spans',
        againstValue: quarter.peakMb,
        ratio: round(memory),
        target: 'grows at most 6-fold for four times the spans',
        ok: memory <= 6,
      }),
    ];
  },
};

function request(spans: number): object {
  return {
    id: spans,
    incidentAt: 1.8e9,
    traces: { normal: traces(spans / 2, 1), incident: traces(spans / 2, 9) },
  };
}

function traces(spans: number, slow: number): object[] {
  return Array.from({ length: spans }, (_, n) => {
    const trace = Math.floor(n / spansATrace);
    const place = n % spansATrace;
    const service = `service-${place % 10}`;
    return {
      trace: String(trace),
      span: String(place),
      parent: place === 0 ? null : String(Math.floor((place - 1) / 2)),
      service,
      operation: `step ${place}`,
      startUs: trace * 1000 + place,
      durationUs: 1000 * (spansATrace - place) + ((n * 7919) % 100) + (place === 7 ? 5000 * slow : 0),
    };
  });
}
