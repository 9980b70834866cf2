import path from 'node:path';
import { answerSeries } from '../../../src/analysis/series/answer-series.ts';
import type { Figure } from '../../benchmark.ts';
import { atLeast, bootstrap, type EvidencePart, type PartOptions, round } from '../part.ts';
import { type LabelledSeries, readNab } from './nab.ts';
import { scoreAt, sweepThresholds } from './nab-scoring.ts';
import { scoreByGaussian } from './windowed-gaussian.ts';

const floor = 60;

/** Online anomaly scores on the open files of NAB, standard profile. */
export const seriesAnomalies: EvidencePart = {
  name: 'anomalies',
  needs: ['nab'],
  async run({ data, say }: PartOptions): Promise<Figure[]> {
    const files = await readNab(path.join(data, 'nab'));
    const scores = files.map(({ times, values }) => answerSeries({ times, values }).scores);
    const gaussian = files.map(({ values }) => scoreByGaussian(values));
    const own = sweepThresholds(files, scores);
    const baseline = sweepThresholds(files, gaussian);
    const cases = files.map((file, index) => ({
      windows: file.windows.length,
      own: scoreAt(file, scores[index] ?? [], own.threshold),
      half: scoreAt(file, scores[index] ?? [], 0.5),
      gaussian: scoreAt(file, gaussian[index] ?? [], baseline.threshold),
    }));
    for (const [index, file] of files.entries())
      say(
        `${file.file.padEnd(58)} ${file.windows.length} windows, ${(cases[index]?.own ?? 0).toFixed(2)} (Windowed Gaussian ${(cases[index]?.gaussian ?? 0).toFixed(2)})`,
      );
    say(`one threshold for all: ${own.threshold.toFixed(4)}`);
    return [
      atLeast({
        metric: 'nab-standard',
        value: own.score,
        unit: 'points',
        floor,
        against: 'Windowed Gaussian at its best threshold',
        againstValue: baseline.score,
        interval: bootstrap(cases, (drawn) => normalise(drawn)),
      }),
      {
        metric: 'nab-at-one-half',
        value: round(normalise(cases.map((one) => ({ ...one, own: one.half })))),
        unit: 'points',
        target: `at least ${floor} at the threshold 0.5, which nobody fitted`,
        ok: normalise(cases.map((one) => ({ ...one, own: one.half }))) >= floor,
      },
      {
        metric: 'nab-other-half',
        value: round(crossScore(files, scores)),
        unit: 'points',
        target: 'told, not judged: each half of the files at the threshold that is best for the other half',
        ok: true,
      },
    ];
  },
};

function normalise(cases: readonly { readonly windows: number; readonly own: number }[]): number {
  const windows = cases.reduce((sum, one) => sum + one.windows, 0);
  const sum = cases.reduce((total, one) => total + one.own, 0);
  return (100 * (sum + windows)) / (2 * windows);
}

function crossScore(files: readonly LabelledSeries[], scores: readonly (readonly number[])[]): number {
  const halves = [0, 1].map((half) => files.flatMap((_, index) => (index % 2 === half ? [index] : [])));
  const cases = halves.flatMap((test, half) => {
    const fit = halves[1 - half] ?? [];
    const pick = <Item>(list: readonly Item[]): Item[] => fit.map((index) => list[index] as Item);
    const { threshold } = sweepThresholds(pick(files), pick(scores));
    return test.map((index) => {
      const file = files[index] as LabelledSeries;
      return { windows: file.windows.length, own: scoreAt(file, scores[index] ?? [], threshold) };
    });
  });
  return normalise(cases);
}
