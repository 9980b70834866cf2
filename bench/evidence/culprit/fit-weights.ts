import type { CommitDocument } from '../../../src/analysis/culprits/commit-document.ts';
import {
  type FeatureName,
  featureNames,
  readFeatures,
} from '../../../src/analysis/culprits/commit-features.ts';
import type { TroubleText } from '../../../src/analysis/culprits/read-trouble-text.ts';

/** One incident to learn from: the features of each candidate, and which of them it was. */
export interface Lesson {
  readonly candidates: readonly (readonly number[])[];
  readonly truth: number;
}

/** Weights are pulled to nothing by this much: what few cases say is not believed. */
const shrinkage = 3;
const steps = 12;

export function lessonOf(documents: readonly CommitDocument[], text: TroubleText, truth: number): Lesson {
  const features = readFeatures(documents, text);
  return { candidates: features.map(({ values }) => featureNames.map((name) => values[name])), truth };
}

/** Conditional logit: the weights under which the truths are most probable among their candidates. Newton's method. */
export function fitWeights(lessons: readonly Lesson[]): number[] {
  const count = featureNames.length;
  const weights = Array.from({ length: count }, () => 0);
  for (let step = 0; step < steps; step += 1) {
    const slope = weights.map((weight) => -2 * shrinkage * weight);
    const bend = weights.map((_, row) => weights.map((_, column) => (row === column ? 2 * shrinkage : 0)));
    for (const { candidates, truth } of lessons) {
      const shares = sharesOf(candidates, weights);
      const mean = Array.from({ length: count }, () => 0);
      for (const [index, values] of candidates.entries())
        for (let at = 0; at < count; at += 1)
          mean[at] = (mean[at] ?? 0) + (shares[index] ?? 0) * (values[at] ?? 0);
      for (let at = 0; at < count; at += 1)
        slope[at] = (slope[at] ?? 0) + (candidates[truth]?.[at] ?? 0) - (mean[at] ?? 0);
      for (const [index, values] of candidates.entries())
        for (const [row, line] of bend.entries()) {
          const away = (shares[index] ?? 0) * ((values[row] ?? 0) - (mean[row] ?? 0));
          if (away === 0) continue;
          for (let column = 0; column < count; column += 1)
            line[column] = (line[column] ?? 0) + away * ((values[column] ?? 0) - (mean[column] ?? 0));
        }
    }
    for (const [at, change] of solve(bend, slope).entries()) weights[at] = (weights[at] ?? 0) + change;
  }
  return weights;
}

/** Probability of each candidate. */
export function sharesOf(candidates: readonly (readonly number[])[], weights: readonly number[]): number[] {
  const odds = candidates.map((values) =>
    values.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), 0),
  );
  const highest = Math.max(...odds);
  const raised = odds.map((one) => Math.exp(one - highest));
  const total = raised.reduce((sum, one) => sum + one, 0);
  return raised.map((one) => one / total);
}

export function sayWeights(weights: readonly number[]): string {
  return featureNames.map((name: FeatureName, at) => `${name}: ${(weights[at] ?? 0).toFixed(2)}`).join(', ');
}

/** Gaussian elimination with pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((line, row) => [...line, right[row] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    const rest = rows.slice(column);
    const pivot = rest.reduce((best, line) =>
      Math.abs(line[column] ?? 0) > Math.abs(best[column] ?? 0) ? line : best,
    );
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    for (const [row, line] of rows.entries()) {
      if (row === column) continue;
      const factor = (line[column] ?? 0) / (pivot[column] ?? 1);
      if (factor !== 0)
        for (let at = column; at <= size; at += 1) line[at] = (line[at] ?? 0) - factor * (pivot[at] ?? 0);
    }
  }
  return rows.map((line, row) => (line[size] ?? 0) / (line[row] ?? 1));
}
