import type { ShownChange } from '../shared-git/apply-change.ts';
import { count, nameAll } from '../shared-git/git-tools.ts';

/** Files that decide what runs elsewhere, or who has to look: a patch from a model or a chat does not change them. */
const offLimits =
  /^\.github\/|(^|\/)(\.gitmodules|\.gitattributes|CODEOWNERS|\.gitlab-ci[^/]*|Jenkinsfile|azure-pipelines[^/]*|bitbucket-pipelines\.yml|\.travis\.yml|\.npmrc|\.yarnrc(\.yml)?|\.pnpmfile\.c?js|\.pre-commit-config\.yaml)$|(^|\/)(\.circleci|\.buildkite|\.woodpecker|\.drone\.yml|\.ci|\.husky)(\/|$)|(^|\/)\.git(\/|$)/i;

/** What an editor does not show: controls, marks without width, text that runs backwards, other line ends. */
const unseen = /[^\P{Cc}\t]|[\p{Cf}\p{Zl}\p{Zp}]/u;

const manyFiles = 30;

/** Why a patch is not taken, whatever its tests say; null when nothing speaks against it. */
export function whyRefused({ changes, diff }: ShownChange): string | null {
  const forbidden = changes.map((change) => change.path).filter((path) => offLimits.test(path));
  if (forbidden.length > 0) {
    return `it changes ${nameAll(forbidden)}: the build pipeline and who reviews are not changed from a war room.`;
  }
  if (changes.length > manyFiles) {
    return `it changes ${count(changes.length, 'file')}; ${manyFiles} are the most that somebody can review here.`;
  }
  const odd = changes
    .map((change) => change.path)
    .filter((path) => /\p{Cc}/u.test(path) || unseen.test(path));
  if (odd.length > 0) return 'it names files with characters that nobody can see.';
  for (const line of diff.split('\n')) {
    if (line.startsWith('+') && unseen.test(line.replace(/\r$/, ''))) {
      return 'it adds characters that nobody can see, so that the diff would not show what it does.';
    }
  }
  return null;
}
