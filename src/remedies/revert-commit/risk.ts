import type { RiskFacts } from '../../domain/risk.ts';
import type { Commit, FileChange } from '../../ports/source-control.ts';
import { count } from '../shared-git/git-tools.ts';
import { weighChange } from '../shared-git/weigh-change.ts';

export type Revert = {
  readonly commit: Commit;
  readonly changes: readonly FileChange[];
  readonly diff: string;
  /** Commits that landed after it, touched the same files and stay in place. */
  readonly overlapping: readonly Commit[];
};

export function judgeRevert({ commit, changes, diff, overlapping }: Revert): RiskFacts {
  const weight = weighChange(changes, diff);
  if (weight.besideProduction) {
    return { base: 'low', reasons: ['it changes tests and documents alone'], reversible: 'exact' };
  }
  const medium = [...weight.medium];
  if (commit.parents.length > 1) medium.push('it undoes a merge with all that it brought');
  if (overlapping.length > 0)
    medium.push(`${count(overlapping.length, 'commit')} since then touched the same files`);

  if (weight.high.length > 0)
    return { base: 'high', reasons: [...weight.high, ...medium], reversible: 'exact' };
  if (medium.length > 0) return { base: 'medium', reasons: medium, reversible: 'exact' };
  const quiet = [weight.size, 'nothing else since then touched these files', 'it can be undone'];
  return { base: 'low', reasons: quiet, reversible: 'exact' };
}
