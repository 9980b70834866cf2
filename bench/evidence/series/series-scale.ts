import type { Figure } from '../../benchmark.ts';
import { runAnalyzeProcess } from '../analyze-process.ts';
import type { EvidencePart, PartOptions } from '../part.ts';
import { round } from '../part.ts';

/** An hour at 15 s. */
const points = 240;

/** What an hour of ten thousand series takes. */
export const seriesScale: EvidencePart = {
  name: 'series-scale',
  needs: [],
  async run({ short, say }: PartOptions): Promise<Figure[]> {
    const most = short ? 200 : 10_000;
    const quarter = await runAnalyzeProcess('series', requests(most / 4));
    const whole = await runAnalyzeProcess('series', requests(most));
    say(
      `${most / 4} series: ${quarter.seconds.toFixed(1)} s, ${quarter.peakMb} MB; ${most}: ${whole.seconds.toFixed(1)} s (by the clock ${whole.clockSeconds.toFixed(1)}), ${whole.peakMb} MB`,
    );
    const growth = whole.seconds / quarter.seconds;
    const judge = (figure: Figure): Figure => (short ? { ...figure, ok: true } : figure);
    return [
      judge({
        metric: 'series-10k-hour-seconds',
        value: round(whole.seconds),
        unit: 's of processor',
        target: 'at most 60 on one core',
        ok: whole.seconds <= 60,
      }),
      judge({
        metric: 'series-10k-hour-growth',
        value: round(growth),
        unit: '× time',
        against: 'a quarter of the series',
        againstValue: 4,
        target: 'at most 4.8 for four times the series: linear',
        ok: growth <= 4.8,
      }),
      judge({
        metric: 'series-10k-hour-memory',
        value: whole.peakMb,
        unit: 'MB',
        against: 'a quarter of the series',
        againstValue: quarter.peakMb,
        ratio: round(whole.peakMb / quarter.peakMb),
        target: 'at most 1.6 × that of a quarter: constant but for when memory is collected',
        ok: whole.peakMb <= 1.6 * quarter.peakMb,
      }),
    ];
  },
};

function* requests(count: number): Generator<object> {
  const times = Array.from({ length: points }, (_, n) => 1.8e9 + 15 * n);
  for (let id = 0; id < count; id += 1) {
    const onset = (id * 37) % points;
    const values = times.map((_, n) => {
      if ((n * 31 + id) % 97 === 0) return null;
      return 10 + (id % 50) + ((n * 7919 + id * 104_729) % 101) / 50 + (id % 3 === 0 && n >= onset ? 12 : 0);
    });
    yield { id, times, values };
  }
}
