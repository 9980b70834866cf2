import type { Risk } from '../../domain/plan.ts';
import type { Commit, FileChange } from '../../ports/source-control.ts';

export type RevertFacts = {
  readonly commit: Commit;
  readonly changes: readonly FileChange[];
  readonly diff: string;
  /** Commits that landed after it and stay in place, newest first. */
  readonly later: readonly Commit[];
};

/** Files whose older state may not fit the data, the machines or the builds of today. */
const delicate: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)(migrations?|db\/migrate|alembic|flyway)\//i, 'it touches database migrations'],
  [/\.(sql|prisma|proto|avsc|graphql)$/i, 'it touches a schema'],
  [/(^|\/)(\.github\/workflows|\.gitlab-ci|\.circleci|Jenkinsfile|\.ci)/i, 'it touches the build pipeline'],
  [
    /(^|\/)(Dockerfile|docker-compose|helm|charts|k8s|kubernetes|terraform)|\.tf$/i,
    'it touches infrastructure',
  ],
];

const fewFiles = 5;
const fewLines = 200;
const manyFiles = 20;
const manyLines = 1_000;

/** From the change alone; no model has a say. */
export function assessRisk({ commit, changes, diff, later }: RevertFacts): Risk {
  const high: string[] = [];
  const medium: string[] = [];
  for (const [pattern, reason] of delicate) {
    if (changes.some((change) => pattern.test(change.path))) high.push(reason);
  }
  const lines = countChangedLines(diff);
  const size = `it changes ${lines} line${lines === 1 ? '' : 's'} in ${changes.length} file${changes.length === 1 ? '' : 's'}`;
  if (changes.length > manyFiles || lines > manyLines) high.push(size);
  else if (changes.length > fewFiles || lines > fewLines) medium.push(size);
  if (commit.parents.length > 1) medium.push('it undoes a merge with all that it brought');
  const touched = new Set(changes.map((change) => change.path));
  const overlapping = later.filter((one) => one.files.some((file) => touched.has(file.path)));
  if (overlapping.length > 0)
    medium.push(`${countCommits(overlapping.length)} since then touched the same files`);
  if (/^Binary files /m.test(diff)) medium.push('it changes binary files, which the diff cannot show');

  if (high.length > 0) return { class: 'high', reasons: [...high, ...medium] };
  if (medium.length > 0) return { class: 'medium', reasons: medium };
  return { class: 'low', reasons: [size, 'nothing else since then touched these files', 'it can be undone'] };
}

export function countCommits(count: number): string {
  return count === 1 ? '1 commit' : `${count} commits`;
}

function countChangedLines(diff: string): number {
  return diff.split('\n').filter((line) => /^[+-]/.test(line) && !/^(\+\+\+|---) /.test(line)).length;
}
