import type { Benchmark, BenchmarkOptions, Figure } from '../benchmark.ts';
import { type Run, runIncident } from './run-incident.ts';
import { type Scenario, scenarios } from './scenarios.ts';

const single = 'a single agent';

interface Pair {
  readonly scenario: Scenario;
  readonly several: Run;
  readonly alone: Run;
}

/** The same incidents with several agents and with one; README.md has what a stand-in for the model can show. */
export const fanOut: Benchmark = {
  name: 'fan-out',
  about: 'whole incidents with several agents and with one, by a stand-in for the model; --part SCENARIO',
  async run({ short, say, part }: BenchmarkOptions): Promise<Figure[]> {
    const chosen = scenarios
      .filter(({ name }) => part === undefined || name === part)
      .slice(0, short ? 1 : undefined);
    if (chosen.length === 0) {
      say(`There is no scenario "${part}". There are: ${scenarios.map((one) => one.name).join(', ')}`);
      return [{ metric: 'scenarios', value: 0, unit: 'scenarios', target: 'at least 1', ok: false }];
    }
    const pairs: Pair[] = [];
    for (const scenario of chosen) {
      const several = await runIncident(scenario, 'several');
      say(`${scenario.name}, several agents: ${sayRun(several)}`);
      const alone = await runIncident(scenario, 'single');
      say(`${scenario.name}, a single agent: ${sayRun(alone)}`);
      pairs.push({ scenario, several, alone });
    }
    return figuresOf(pairs);
  },
};

function sayRun(run: Run): string {
  return `${run.right ? 'right' : 'WRONG'} (${run.outcome}), ${run.requests} requests in ${run.conversations} conversations, ${run.inputTokens} tokens (${run.cachedTokens} cached), ${run.seconds.toFixed(1)} s`;
}

/** In sum first, then by scenario. */
export function figuresOf(pairs: readonly Pair[]): Figure[] {
  const several = pairs.map((one) => one.several);
  const alone = pairs.map((one) => one.alone);
  return [
    ...compare('', several, alone),
    ...pairs.flatMap((one) => compare(`${one.scenario.name}-`, [one.several], [one.alone])),
  ];
}

/** Only being right is judged: fewer tokens for a wrong cause are no gain, and more of them may be worth it. */
function compare(prefix: string, several: readonly Run[], alone: readonly Run[]): Figure[] {
  const figure = (metric: string, unit: string, of: (runs: readonly Run[]) => number): Figure => {
    const [value, againstValue] = [of(several), of(alone)];
    return {
      metric: `${prefix}${metric}`,
      value,
      unit,
      against: single,
      againstValue,
      ...(againstValue === 0 ? {} : { ratio: round(value / againstValue, 2) }),
      ok: true,
    };
  };
  const right = figure(
    'right-cause',
    'incidents, by a stand-in for the model',
    (runs) => runs.filter((run) => run.right).length,
  );
  return [
    {
      ...right,
      target: 'several agents are right at least as often as one',
      ok: right.value >= (right.againstValue ?? 0),
    },
    figure('input-tokens', 'tokens, estimated', (runs) => total(runs, (run) => run.inputTokens)),
    figure('cached-share', '% of input tokens, estimated', (runs) =>
      round(
        (100 * total(runs, (run) => run.cachedTokens)) /
          Math.max(
            1,
            total(runs, (run) => run.inputTokens),
          ),
        1,
      ),
    ),
    figure('requests', 'requests', (runs) => total(runs, (run) => run.requests)),
    figure('seconds', 's, each answer of the stand-in takes 1 s', (runs) =>
      round(
        total(runs, (run) => run.seconds),
        1,
      ),
    ),
  ];
}

function total(runs: readonly Run[], of: (run: Run) => number): number {
  return runs.reduce((sum, run) => sum + of(run), 0);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
