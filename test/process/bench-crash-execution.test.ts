import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../bench/crash-execution/crash-execution.ts';
import { measure } from '../../bench/crash-execution/measure.ts';
import type { Flaw } from '../../bench/crash-execution/run.ts';
import type { NamedCrashPoint } from '../support/crash-points.ts';

/** A few of the benchmark's points, and remedies that do wrong: what it is to count, it does count. */
async function figures(flaw: Flaw, choose: (point: NamedCrashPoint) => boolean) {
  const trials = await measure({ flaw, choose, lanes: 2 });
  return Object.fromEntries(figuresOf(trials).map(({ metric, value }) => [metric, value]));
}

const afterRows = ({ name, when }: NamedCrashPoint) => name === 'journal.append' && when === 'after';
const afterTheFirst = (point: NamedCrashPoint) => afterRows(point) && point.nth === 0;

describe('the benchmark crash-execution', () => {
  it('finds every effect once where remedies look first', async () => {
    // Two runs in which nobody dies and four in which one does: 2 + 4 effects, and 4 for each of those.
    expect(await figures('none', afterRows)).toEqual({
      failpoints: 4,
      effects: 22,
      duplicates: 0,
      missing: 0,
      stuck: 0,
      misreported: 0,
      unreached: 0,
    });
  });

  it('counts what is done twice where a remedy acts without looking', async () => {
    expect(await figures('acts-without-looking', afterRows)).toMatchObject({ failpoints: 4, duplicates: 4 });
  });

  it('counts what never goes on where a remedy does not answer again', async () => {
    expect(await figures('never-answers-again', afterTheFirst)).toMatchObject({ failpoints: 1, stuck: 1 });
  });
});
