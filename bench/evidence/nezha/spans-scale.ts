import { analyzeIncident } from '../../../src/analysis/ranking/analyze-incident.ts';
import { incidentInput } from '../../../src/analysis/ranking/incident-input.ts';
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
    // Time of the analysis alone, the quickest of some turns: the start of a process and its neighbours would hide the growth.
    const secondsOf = (spans: number): number => {
      const input = incidentInput.parse(request(spans));
      const turns = Array.from({ length: 5 }, () => {
        const began = process.cpuUsage();
        analyzeIncident(input);
        const { user, system } = process.cpuUsage(began);
        return (user + system) / 1e6;
      });
      return Math.min(...turns);
    };
    secondsOf(most / 4);
    const [few, many] = [secondsOf(most / 4), secondsOf(most)];
    const growth = many / few;
    const quarter = await runAnalyzeProcess('incident', [request(most / 4)]);
    const whole = await runAnalyzeProcess('incident', [request(most)]);
    say(
      `analysis alone: ${most / 4} spans ${few.toFixed(3)} s, ${most} spans ${many.toFixed(3)} s; whole process: ${quarter.seconds.toFixed(2)} s, ${quarter.peakMb} MB; ${whole.seconds.toFixed(2)} s (by the clock ${whole.clockSeconds.toFixed(2)}), ${whole.peakMb} MB`,
    );
    const judge = (figure: Figure): Figure => (short ? { ...figure, ok: true } : figure);
    return [
      judge({
        metric: 'spans-100k-seconds',
        value: round(whole.seconds),
        unit: 's of processor',
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
        ratio: round(whole.peakMb / quarter.peakMb),
        target: 'at most 4 × that of a quarter',
        ok: whole.peakMb <= 4 * quarter.peakMb,
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
