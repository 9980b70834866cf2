import type { Service } from '../../domain/service.ts';

/** Whatever the change is: one at a time merges into a branch. */
export function targetBranch({ repository }: Service): readonly string[] {
  return [`git ${repository.slug} ${repository.branch}`];
}
