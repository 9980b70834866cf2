import type { FileChange } from '../../ports/source-control.ts';
import { count } from './git-tools.ts';

/** Files whose other state may not fit the data, the machines or the builds of today. */
const delicate: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)(migrations?|db\/migrate|alembic|flyway)\//i, 'it touches database migrations'],
  [/\.(sql|prisma|proto|avsc|graphql)$/i, 'it touches a schema'],
  [
    /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|[^/]+\.lock|pnpm-lock\.yaml|go\.sum|bun\.lockb|packages\.lock\.json)$/i,
    'it touches locked dependencies',
  ],
  [
    /(^|\/)(package\.json|pyproject\.toml|setup\.(py|cfg)|requirements[^/]*\.txt|go\.mod|pom\.xml|build\.gradle(\.kts)?|Cargo\.toml|Makefile)$/i,
    'it touches what is installed or how it is built',
  ],
  [/(^|\/)(\.github\/workflows|\.gitlab-ci|\.circleci|Jenkinsfile|\.ci)/i, 'it touches the build pipeline'],
  [
    /(^|\/)(Dockerfile|docker-compose|helm|charts|k8s|kubernetes|terraform)|\.tf$/i,
    'it touches infrastructure',
  ],
];

/** Nothing that runs in production. A folder `docs` or `spec` may well hold code that does: there the file has to say it. */
const beside =
  /(^|\/)(tests?|__tests__)\/|\.(test|spec)\.\w+$|_test\.(go|py)$|(^|\/)test_[^/]+\.py$|\.(md|rst|adoc)$/i;

const fewFiles = 5;
const fewLines = 200;
const manyFiles = 20;
const manyLines = 1_000;

export interface Weight {
  readonly high: readonly string[];
  readonly medium: readonly string[];
  /** `it changes 3 lines in 1 file`. */
  readonly size: string;
  /** Tests and documents alone. */
  readonly besideProduction: boolean;
}

/** From the change alone; no model has a say. */
export function weighChange(changes: readonly FileChange[], diff: string): Weight {
  const besideProduction = changes.length > 0 && changes.every((change) => beside.test(change.path));
  const lines = countChangedLines(diff);
  const size = `it changes ${count(lines, 'line')} in ${count(changes.length, 'file')}`;
  if (besideProduction) return { high: [], medium: [], size, besideProduction };
  const high = delicate
    .filter(([pattern]) => changes.some((change) => pattern.test(change.path)))
    .map(([, reason]) => reason);
  const medium: string[] = [];
  if (changes.length > manyFiles || lines > manyLines) high.push(size);
  else if (changes.length > fewFiles || lines > fewLines) medium.push(size);
  return { high, medium, size, besideProduction };
}

function countChangedLines(diff: string): number {
  return diff.split('\n').filter((line) => /^[+-]/.test(line) && !/^(\+\+\+|---) /.test(line)).length;
}
