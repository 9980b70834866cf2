import { readLevel } from '../../../src/analysis/logs/learn-level.ts';
import { TemplateMiner } from '../../../src/analysis/logs/template-miner.ts';
import type { Figure } from '../../benchmark.ts';
import { runAnalyzeProcess } from '../analyze-process.ts';
import { atLeast, type EvidencePart, type PartOptions, round } from '../part.ts';
import { groupByDrain } from './drain-baseline.ts';
import { type HardLines, hardLines } from './hard-lines.ts';
import { syntheticLines } from './synthetic-lines.ts';

const leastLinesPerSecond = 50_000;
const perRequest = 5_000;
/** Squares would be 16. */
const mostHardGrowth = 7;

/** Speed on one core, and what a million lines take. */
export const logScale: EvidencePart = {
  name: 'log-scale',
  needs: [],
  async run({ short, say }: PartOptions): Promise<Figure[]> {
    const sample = [...syntheticLines(short ? 5_000 : 100_000)];
    const own = speedOf(sample, (lines) => {
      const miner = new TemplateMiner();
      for (const line of lines) miner.add(line);
    });
    const drain = speedOf(sample, groupByDrain);
    say(`${Math.round(own)} lines/s, Drain ${Math.round(drain)}`);
    const most = short ? 20_000 : 1_000_000;
    const quarter = await runAnalyzeProcess('logs', requests(most / 4));
    const whole = await runAnalyzeProcess('logs', requests(most));
    say(
      `${most / 4} lines: ${quarter.seconds.toFixed(1)} s, ${quarter.peakMb} MB; ${most}: ${whole.seconds.toFixed(1)} s (by the clock ${whole.clockSeconds.toFixed(1)}), ${whole.peakMb} MB`,
    );
    const growth = whole.seconds / quarter.seconds;
    const hard = hardLines.map((one) => ({ name: one.name, growth: growthOf(one, short ? 1_000 : 4_000) }));
    for (const one of hard) say(`${one.name}: ${one.growth.toFixed(1)} × the time for four times as much`);
    const worst = hard.reduce((most, one) => (one.growth > most.growth ? one : most));
    return [
      judgeUnlessShort(
        short,
        atLeast({
          metric: 'log-lines-per-second',
          value: own,
          unit: 'lines/s',
          floor: leastLinesPerSecond,
          against: 'Drain in the same language',
          againstValue: drain,
        }),
      ),
      {
        metric: 'log-million-seconds',
        value: round(whole.seconds),
        unit: 's of processor',
        target: 'told',
        ok: true,
      },
      judgeUnlessShort(short, {
        metric: 'log-million-growth',
        value: round(growth),
        unit: '× time',
        against: 'a quarter of the lines',
        againstValue: 4,
        target: 'at most 4.8 for four times the lines: linear',
        ok: growth <= 4.8,
      }),
      judgeUnlessShort(short, {
        metric: 'log-hard-growth',
        value: round(worst.growth),
        unit: '× time',
        against: `a quarter; worst of ${hard.length}: ${worst.name}`,
        againstValue: 4,
        target: `at most ${mostHardGrowth} for four times as much: linear but for when memory is collected`,
        ok: worst.growth <= mostHardGrowth,
      }),
      judgeUnlessShort(short, {
        metric: 'log-million-memory',
        value: whole.peakMb,
        unit: 'MB',
        against: 'a quarter of the lines',
        againstValue: quarter.peakMb,
        ratio: round(whole.peakMb / quarter.peakMb),
        target: 'at most 1.6 × that of a quarter: constant but for when memory is collected',
        ok: whole.peakMb <= 1.6 * quarter.peakMb,
      }),
    ];
  },
};

function judgeUnlessShort(short: boolean, figure: Figure): Figure {
  return short ? { ...figure, ok: true } : figure;
}

/** By processor time, not by the clock: on a shared machine that is what one core does in a second. */
function speedOf(lines: readonly string[], work: (lines: readonly string[]) => unknown): number {
  work(lines.slice(0, 2_000));
  const began = process.cpuUsage();
  work(lines);
  const { user, system } = process.cpuUsage(began);
  return (1e6 * lines.length) / (user + system);
}

/** How much longer four times as much takes; of three runs the least, as the machine is shared. */
function growthOf(hard: HardLines, size: number): number {
  const secondsFor = (given: readonly string[]): number => {
    const runs = [1, 2, 3].map(
      () =>
        given.length /
        speedOf(given, (some) => {
          const miner = new TemplateMiner(some.length);
          for (const line of some) {
            miner.add(line);
            readLevel(line);
          }
        }),
    );
    return Math.min(...runs);
  };
  const quarter = secondsFor(hard.lines(size));
  return secondsFor(hard.lines(4 * size)) / quarter;
}

function* requests(count: number): Generator<object> {
  let lines: string[] = [];
  let id = 0;
  for (const line of syntheticLines(count)) {
    lines.push(line);
    if (lines.length < perRequest) continue;
    yield { id, lines };
    id += 1;
    lines = [];
  }
  if (lines.length > 0) yield { id, lines };
}
