import path from 'node:path';
import { answerSeries } from '../../../src/analysis/series/answer-series.ts';
import type { Figure } from '../../benchmark.ts';
import { atLeast, bootstrap, type EvidencePart, mean, type PartOptions, round } from '../part.ts';
import { changePointsByPelt } from './pelt-baseline.ts';
import { changePointF1, covering, readTcpd } from './tcpd.ts';

/** Change points on the open series of the Turing change point data set. */
export const seriesChanges: EvidencePart = {
  name: 'changes',
  needs: ['tcpd'],
  async run({ data, say }: PartOptions): Promise<Figure[]> {
    const series = await readTcpd(path.join(data, 'tcpd'));
    const cases = series.map((one) => {
      const times = one.values.map((_, index) => index);
      const score = (found: readonly number[]) => ({
        covering: covering(one, found),
        f1: changePointF1(one, found),
      });
      const found = answerSeries({ times, values: one.values }).changePoints;
      const own = score(found);
      const pelt = score(changePointsByPelt(one.values));
      say(
        `${one.name.padEnd(20)} covering ${own.covering.toFixed(3)} (PELT ${pelt.covering.toFixed(3)}), F1 ${own.f1.toFixed(3)} (PELT ${pelt.f1.toFixed(3)}), at ${found.join(' ') || 'none'}`,
      );
      return { own, pelt, none: score([]) };
    });
    const judged = (metric: string, name: 'covering' | 'f1', floor: number): Figure =>
      atLeast({
        metric,
        value: mean(cases.map((one) => one.own[name])),
        unit: 'share',
        floor,
        against: 'PELT, mean change, penalty 3 log n',
        againstValue: mean(cases.map((one) => one.pelt[name])),
        interval: bootstrap(cases, (drawn) => mean(drawn.map((one) => one.own[name]))),
      });
    const none = (metric: string, name: 'covering' | 'f1'): Figure => ({
      metric,
      value: round(mean(cases.map((one) => one.none[name]))),
      unit: 'share',
      target: 'told, not judged: no change point at all',
      ok: true,
    });
    return [
      judged('tcpd-covering', 'covering', 0.72),
      judged('tcpd-f1', 'f1', 0.76),
      none('tcpd-covering-none', 'covering'),
      none('tcpd-f1-none', 'f1'),
    ];
  },
};
