import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../bench/crash-execution/crash-execution.ts';
import { type MeasureOptions, measure, pointsOf } from '../../bench/crash-execution/measure.ts';
import type { NamedCrashPoint } from '../support/crash-points.ts';

/** A few of the benchmark's points, and remedies that do wrong: what it is to count, it does count. */
async function figures(options: MeasureOptions) {
  const trials = await measure({ lanes: 1, ...options });
  return Object.fromEntries(figuresOf(trials).map(({ metric, value }) => [metric, value]));
}

/** Of the four rows of the longer path, the one for step 1 and the one that undoes step 2. */
const [afterDoing, afterUndoing]: [NamedCrashPoint, NamedCrashPoint] = [
  { name: 'journal.append', nth: 0, when: 'after' },
  { name: 'journal.append', nth: 2, when: 'after' },
];

describe('the benchmark crash-execution', () => {
  it('finds every effect once where remedies look first', async () => {
    const points: NamedCrashPoint[] = [
      afterDoing,
      afterUndoing,
      { name: 'restart-service.apply', nth: 1, when: 'during' },
      { name: 'rows.plans.recordApproval', nth: 0, when: 'before' },
      // Never made, and said to be so.
      { ...afterDoing, nth: 99 },
    ];

    expect(await figures({ points })).toEqual({
      failpoints: 4,
      effects: 20,
      duplicates: 0,
      missing: 0,
      stuck: 0,
      misreported: 0,
      unreached: 1,
    });
  });

  it('counts what is done twice where a remedy acts without looking', async () => {
    const points = [afterDoing, afterUndoing];

    expect(await figures({ points, flaw: 'acts-without-looking' })).toMatchObject({
      failpoints: 2,
      effects: 10,
      duplicates: 2,
    });
  });

  it('counts what never goes on where a remedy does not answer again', async () => {
    expect(await figures({ points: [afterDoing], flaw: 'never-answers-again' })).toMatchObject({
      failpoints: 1,
      stuck: 1,
      missing: 3,
    });
  });

  it('tries every call, and in common beginnings only once', () => {
    const helped = ['transaction', 'rows.now', 'fix.apply', 'settled'];
    const worse = ['transaction', 'rows.now', 'fix.apply', 'fix.undo', 'settled'];
    const points = pointsOf([
      { run: { id: 'a', path: 'helped', point: null }, calls: helped },
      { run: { id: 'b', path: 'worse', point: null }, calls: worse },
    ]);

    expect(points.map(({ path, point }) => `${path}: ${point?.when} ${point?.name}`)).toEqual([
      ...['before', 'during', 'after'].map((when) => `worse: ${when} transaction`),
      'worse: before rows.now',
      ...['before', 'during', 'after'].map((when) => `worse: ${when} fix.apply`),
      ...['before', 'during', 'after'].map((when) => `worse: ${when} fix.undo`),
      ...['before', 'after'].map((when) => `worse: ${when} settled`),
      ...['before', 'after'].map((when) => `helped: ${when} settled`),
    ]);
  });
});
