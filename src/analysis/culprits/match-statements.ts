import { type CandidateCommit, canMatter, type Part } from './candidate-commit.ts';
import { changedLines } from './code-traits.ts';

const keywords = new Set(
  (
    'select from where and or not in is null as on join left right inner outer cross using group order by having limit offset ' +
    'asc desc nulls first last distinct union all any exists between like ilike case when then else end interval now count sum ' +
    'avg min max coalesce cast true false with'
  ).split(' '),
);
/** A statement with fewer names of its own could be anybody's. */
const leastNames = 3;

/**
 * Whether a commit brings in a statement that the database found slow: its names, and mostly its very words, are among the
 * added lines of one file. Case and underscores do not count, so that `userId` of a query builder meets `user_id`.
 */
export function matchStatements(commit: CandidateCommit, statements: readonly string[]): Part {
  let weight = 0;
  for (const statement of statements) {
    const words = wordsOf(statement);
    const names = [...words].filter((word) => !keywords.has(word));
    if (names.length < leastNames) continue;
    for (const file of commit.files) {
      if (!canMatter(file)) continue;
      const { added, removed } = changedLines(file);
      const [come, gone] = [wordsOf(added.join('\n')), wordsOf(removed.join('\n'))];
      if (names.every((name) => gone.has(name))) continue;
      const [named, spelled] = [shareOf(names, come), shareOf([...words], come)];
      if (named >= 0.9) weight = Math.max(weight, spelled >= 0.9 ? 1 : 0.6);
    }
  }
  return { weight, reason: weight === 0 ? null : 'brings in the statement that the database is slow at' };
}

function wordsOf(text: string): Set<string> {
  const words = text.replaceAll(/'(?:[^'\n]|'')*'/g, ' ').matchAll(/[A-Za-z_][\w$]*/g);
  return new Set(
    [...words].map(([word]) => word.replaceAll('_', '').toLowerCase()).filter((word) => word !== ''),
  );
}

function shareOf(wanted: readonly string[], there: ReadonlySet<string>): number {
  return wanted.filter((word) => there.has(word)).length / Math.max(1, wanted.length);
}
