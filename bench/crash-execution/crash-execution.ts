import type { Benchmark, Figure } from '../benchmark.ts';
import type { Trial } from './lane.ts';
import { measure } from './measure.ts';
import type { Outcome } from './run.ts';

/** Fewer would mean that most of the path was not tried. */
const fewestFailpoints = 300;

/** Carrying out, verifying and undoing a plan, ended by SIGKILL at every await; then the effects are counted. */
export const crashExecution: Benchmark = {
  name: 'crash-execution',
  about: 'effects of a plan whose process is killed at every await, and gone on with by another',
  async run(): Promise<Figure[]> {
    return figuresOf(await measure({ onTrial: tell }));
  },
};

export function figuresOf(trials: readonly Trial[]): Figure[] {
  const killed = trials.filter(({ died }) => died).length;
  const unreached = trials.filter(({ run, died }) => run.point !== null && !died).length;
  const sum = (of: (outcome: Outcome) => number): number =>
    trials.reduce((total, { outcome }) => total + of(outcome), 0);
  const none = (metric: string, value: number, unit: string): Figure => ({
    metric,
    value,
    unit,
    target: 'none',
    ok: value === 0,
  });
  return [
    {
      metric: 'failpoints',
      value: killed,
      unit: 'processes killed',
      target: `at least ${fewestFailpoints}`,
      ok: killed >= fewestFailpoints,
    },
    { metric: 'effects', value: sum((one) => one.effects), unit: 'effects', ok: true },
    none(
      'duplicates',
      sum((one) => one.duplicates),
      'effects',
    ),
    none(
      'missing',
      sum((one) => one.missing),
      'effects',
    ),
    none('stuck', trials.filter(({ outcome }) => outcome.stuck.length > 0).length, 'runs'),
    none('misreported', trials.filter(({ outcome }) => outcome.story.length > 0).length, 'runs'),
    {
      metric: 'unreached',
      value: unreached,
      unit: 'runs',
      target: 'at most 10 % of failpoints: calls of the watching, whose number differs',
      ok: unreached <= killed * 0.1,
    },
  ];
}

/** Long work shows where it is, and names at once what went wrong. */
function tell({ run, died, outcome }: Trial, done: number, of: number): void {
  const wrong = [
    ...(outcome.duplicates > 0 ? [`${outcome.duplicates} duplicates`] : []),
    ...(outcome.missing > 0 ? [`${outcome.missing} effects missing`] : []),
    ...outcome.stuck,
    ...outcome.story,
  ];
  const { point } = run;
  const where = point === null ? 'nowhere' : `${point.when} ${point.name} ${point.nth} (${run.path})`;
  if (wrong.length > 0) process.stderr.write(`killed ${where}: ${wrong.join('; ')}\n`);
  else if (!died) process.stderr.write(`not reached: ${where}\n`);
  if (done % 50 === 0 || done === of) process.stderr.write(`${done} of ${of}\n`);
}
