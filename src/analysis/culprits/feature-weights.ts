import type { FeatureName } from './commit-features.ts';

/**
 * Log-odds of each feature: a conditional logit over the candidates of public histories, with shrinkage 3, printed by
 * `npm run bench -- evidence --part culprit`. They hold for other repositories: fitted without one, they do nearly as well on it.
 */
export const featureWeights: Readonly<Record<FeatureName, number>> = {
  brought: 0.75,
  prose: 0.73,
  code: 0.52,
  message: 0.45,
  subject: 0.4,
  paths: 0.71,
  pathShare: 0.79,
  functions: 0.87,
  share: 0.74,
  line: 0.96,
  lineMean: 1.03,
  namesBrought: 0.68,
  namesMoved: -0.19,
  namesTouched: 0.62,
  quoted: 0.47,
  file: 0.44,
  frame: 0.2,
  near: 0.39,
  area: 0.63,
  size: 0.41,
  growth: 0.26,
  repair: -0.53,
  tidying: -0.13,
};
