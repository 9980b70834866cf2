import { pullCommits, pullFiles } from '../pull-routes.ts';
import type { Repository } from '../repository.ts';
import { type Answer, GithubRefusal } from '../router.ts';
import { followBranches } from '../settle-pulls.ts';
import { commitRows } from './commit-page.ts';
import { renderFiles } from './diff.ts';
import { renderMarkdown } from './markdown.ts';
import { answerPage, escapeHtml, repositoryCrumbs, timeTag } from './page.ts';

type PullRow = {
  number: number;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  merged?: boolean;
  merged_at: string | null;
  created_at: string;
  user: { login: string } | null;
  merged_by?: { login: string } | null;
};

export async function pullPage(repository: Repository, number: number): Promise<Answer> {
  const pull = repository.pulls.get(number);
  if (pull === undefined) throw new GithubRefusal(404, 'Not Found');
  await followBranches(repository, pull);
  const path = `/repos/${repository.owner}/${repository.name}`;
  const row = (await repository.emulated.ask('GET', `${path}/pulls/${number}`)).value as PullRow;
  const comments = (await repository.emulated.ask('GET', `${path}/issues/${number}/comments`))
    .value as PullRow[];
  const [files, commits] = [await pullFiles(repository, pull), await pullCommits(repository, pull)];
  const web = repository.urls.web;
  const state = stateOf(row);
  const author = escapeHtml(row.user?.login ?? 'somebody');
  const merged =
    pull.mergeSha === null
      ? ''
      : `<div class="ok"><strong>${escapeHtml(row.merged_by?.login ?? author)}</strong> merged commit
<a class="sha" href="${web}/commit/${pull.mergeSha}">${pull.mergeSha.slice(0, 7)}</a> into
<span class="ref">${escapeHtml(pull.baseRef)}</span> ${timeTag(row.merged_at ?? row.created_at)}</div>`;
  const said = comments
    .map(
      (
        comment,
      ) => `<div class="box"><div class="top"><strong>${escapeHtml(comment.user?.login ?? '')}</strong>
<span class="muted">commented ${timeTag(comment.created_at)}</span></div><div class="body">${renderMarkdown(comment.body ?? '')}</div></div>`,
    )
    .join('');

  return answerPage(
    `${row.title} · Pull request #${number} · ${repository.owner}/${repository.name}`,
    [...repositoryCrumbs(repository), { text: 'pulls', href: `${web}/pulls` }],
    `<h1>${escapeHtml(row.title)} <span class="n">#${number}</span></h1>
<div class="meta"><span class="state ${state}">${state[0]?.toUpperCase()}${state.slice(1)}</span>
<span><strong>${author}</strong> ${state === 'merged' ? 'merged' : 'wants to merge'} ${commits.length} commit${commits.length === 1 ? '' : 's'} into
<span class="ref">${escapeHtml(pull.baseRef)}</span> from <span class="ref">${escapeHtml(pull.headRef)}</span> · opened ${timeTag(row.created_at)}</span></div>
<div class="box"><div class="top"><strong>${author}</strong><span class="muted">described this change</span></div>
<div class="body">${renderMarkdown(row.body ?? '_No description._')}</div></div>
${said}${merged}<h2>Commits</h2>${commitRows(commits, web)}${renderFiles(files, `${web}/blob/${pull.headSha}`)}`,
  );
}

export async function pullsPage(repository: Repository): Promise<Answer> {
  const path = `/repos/${repository.owner}/${repository.name}/pulls?state=all&per_page=100`;
  const rows = (await repository.emulated.ask('GET', path)).value as PullRow[];
  const items = rows.map(
    (row) => `<li><span class="state ${stateOf(row)}">${stateOf(row)}</span>
<a href="${repository.urls.web}/pull/${row.number}"><strong>${escapeHtml(row.title)}</strong></a>
<span class="muted right">#${row.number} · ${timeTag(row.created_at)}</span></li>`,
  );
  return answerPage(
    `Pull requests · ${repository.name}`,
    repositoryCrumbs(repository),
    `<h1>Pull requests</h1><div class="box"><ul class="rows">${items.join('') || '<li class="muted">None yet.</li>'}</ul></div>`,
  );
}

function stateOf(row: PullRow): 'open' | 'merged' | 'closed' {
  return row.merged_at === null ? row.state : 'merged';
}
