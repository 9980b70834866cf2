import { expect, it } from 'vitest';
import { fitWeights, type Lesson, sharesOf } from '../../../bench/evidence/culprit/fit-weights.ts';
import { featureNames } from '../../../src/analysis/culprits/commit-features.ts';

it('weights of commit features follow what told the culprits apart, and leave the rest near nothing', () => {
  const telling = featureNames.indexOf('near');
  const lessons = Array.from({ length: 60 }, (_, n): Lesson => {
    const truth = n % 5;
    return {
      truth,
      candidates: Array.from({ length: 5 }, (_row, at) =>
        featureNames.map((_name, feature) =>
          feature === telling ? (at === truth ? 1 : 0) : (((n + 3) * (at + 5) * (feature + 7)) % 11) / 11,
        ),
      ),
    };
  });

  const weights = fitWeights(lessons);

  expect(weights.indexOf(Math.max(...weights))).toBe(telling);
  expect(weights[telling]).toBeGreaterThan(2);
  for (const [at, weight] of weights.entries()) if (at !== telling) expect(Math.abs(weight)).toBeLessThan(1);
  const [{ candidates, truth } = { candidates: [], truth: 0 }] = lessons;
  expect(sharesOf(candidates, weights)[truth]).toBeGreaterThan(0.6);
});
