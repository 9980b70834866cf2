import type { Benchmark, BenchmarkOptions, Figure } from '../benchmark.ts';
import { registerGuards } from '../guarded/guarded-import.ts';
import { inTurns } from './attack-class.ts';
import { type Guard, guards } from './guards.ts';
import { classNames, runSuite, type SuiteResult, type Tally } from './suite.ts';

const guardTries = 12;
/** Two arenas at a time keep a database and a program busy. */
const guardLanes = 2;

/** For a short run: one of each kind of place. */
const shortTries = 4;
const shortClasses = [
  'forged-signature',
  'stranger',
  'nonce-of-another-time',
  'one-person-twice',
  'base-moved-after-the-click',
  'hidden-text-on-a-card',
  'state-set-by-hand',
];
const shortGuards = ['slack-signature', 'approvers'];

/** Everything that people have thought of to get something executed without a valid approval; README.md has the rules. */
export const approvalAttacks: Benchmark = {
  name: 'approval-attacks',
  about:
    'attacks on approvals from the signed request to the target, and a proof that each guard would be missed',
  async run({ short, say }: BenchmarkOptions): Promise<Figure[]> {
    const result = await runSuite({
      only: short ? shortClasses : null,
      tries: (whole) => (short ? Math.min(shortTries, whole) : whole),
      control: true,
      onTally: (tally) => say(lineOf(tally)),
    });
    for (const sample of result.samples) say(`not shown: ${sample}`);
    const proven = await proveGuards(
      short ? guards.filter(({ name }) => shortGuards.includes(name)) : guards,
      say,
    );
    return figuresOf(result, proven, short);
  },
};

/** Switches one guard off at a time, in a second copy of the program, and looks whether the count notices. */
async function proveGuards(chosen: readonly Guard[], say: (line: string) => void) {
  registerGuards(guards);
  const silent: string[] = [];
  await inTurns(chosen.length, guardLanes, async (turn) => {
    const guard = chosen[turn];
    if (guard === undefined) return;
    const suite = new URL('./suite.ts', import.meta.url);
    suite.searchParams.set('guard', guard.name);
    const { runSuite: runWithout } = (await import(suite.href)) as typeof import('./suite.ts');
    const tries = guard.tries ?? guardTries;
    const { tallies } = await runWithout({
      only: guard.shows,
      tries: (whole) => Math.min(tries, whole),
      control: false,
      sql: guard.sql ?? [],
    });
    const noticed = (name: string): boolean =>
      tallies.some((one) => one.name === name && one.executed + one.notShown > 0);
    const blind = guard.shows.filter((name) => !noticed(name));
    const counted = tallies.map((one) => `${one.name} ${one.executed + one.notShown}`).join(', ');
    say(`${blind.length === 0 ? '✓' : '✗'} without ${guard.name}: ${counted}`);
    if (blind.length > 0) silent.push(guard.name);
  });
  return { of: chosen.length, proven: chosen.length - silent.length };
}

function figuresOf(result: SuiteResult, guarded: { of: number; proven: number }, short: boolean): Figure[] {
  const sum = (pick: (tally: Tally) => number): number =>
    result.tallies.reduce((total, tally) => total + pick(tally), 0);
  const attempts = sum((tally) => tally.attempts);
  const legitimate = sum((tally) => tally.legitimate);
  const executed = sum((tally) => tally.executed);
  const notShown = sum((tally) => tally.notShown);
  const done = sum((tally) => tally.legitimateExecuted);
  const least = (value: number, limit: number): boolean => short || value >= limit;
  return [
    figure('classes', classNames.length, 'classes', 'at least 30', classNames.length >= 30),
    figure('attempts', attempts, 'attempts', 'at least 3,000', least(attempts, 3_000)),
    figure(
      'executed',
      executed,
      'effects',
      `0 (95 % bound ${(300 / attempts).toFixed(2)} %)`,
      executed === 0,
    ),
    figure('compared-cards', result.compared, 'plans', 'at least 1,000', least(result.compared, 1_000)),
    figure('executed-not-shown', notShown, 'plans', '0', notShown === 0),
    {
      ...figure(
        'legitimate-executed',
        done,
        'plans',
        'all that were rightfully approved, at least 100',
        done === legitimate && least(legitimate, 100),
      ),
      against: 'rightful approvals between the attacks',
      againstValue: legitimate,
      ratio: legitimate === 0 ? 0 : done / legitimate,
    },
    {
      ...figure(
        'guards-proven',
        guarded.proven,
        'guards',
        'every guard, switched off alone, is missed',
        guarded.proven === guarded.of,
      ),
      against: 'guards switched off',
      againstValue: guarded.of,
      ratio: guarded.proven / guarded.of,
    },
  ];
}

function figure(metric: string, value: number, unit: string, target: string, ok: boolean): Figure {
  return { metric, value, unit, target, ok };
}

function lineOf(tally: Tally): string {
  const { name, attempts, executed, notShown, legitimate, legitimateExecuted, tookMs } = tally;
  const wrong = executed + notShown > 0 || legitimate !== legitimateExecuted;
  return `${wrong ? '✗' : '✓'} ${name.padEnd(46)} ${attempts} tried, ${executed} executed, ${notShown} not shown, ${legitimateExecuted}/${legitimate} rightful, ${tookMs} ms`;
}
