import { type CommitRow, firstParentOf, listCommits, listFileChanges, readCommit } from '../commit-view.ts';
import { type Repository, requireCommit } from '../repository.ts';
import { type Answer, GithubRefusal } from '../router.ts';
import { renderFiles } from './diff.ts';
import { answerPage, escapeHtml, repositoryCrumbs, timeTag } from './page.ts';

export async function commitPage(repository: Repository, revision: string): Promise<Answer> {
  const commit = await readCommit(repository.git, revision);
  if (commit === undefined) throw new GithubRefusal(404, 'Not Found');
  const files = await listFileChanges(repository.git, firstParentOf(commit), commit.sha);
  const [subject = '', ...body] = commit.message.split('\n');
  const web = repository.urls.web;
  const parents = commit.parents
    .map((sha) => `<a class="sha" href="${web}/commit/${sha}">${sha.slice(0, 7)}</a>`)
    .join(' + ');
  const text = body.join('\n').trim();
  return answerPage(
    `${subject} · ${commit.sha.slice(0, 7)} · ${repository.owner}/${repository.name}`,
    [...repositoryCrumbs(repository), { text: 'commits', href: `${web}/commits/${commit.sha}` }],
    `<h1>${escapeHtml(subject)}</h1><div class="meta"><strong>${escapeHtml(commit.author.name)}</strong>
committed ${timeTag(commit.committer.date)} · commit <span class="sha">${commit.sha}</span> · parent ${parents || 'none'}
<span class="right"><a href="${web}/tree/${commit.sha}">Browse files</a></span></div>
${text === '' ? '' : `<pre class="message">${escapeHtml(text)}</pre>`}${renderFiles(files, `${web}/blob/${commit.sha}`)}`,
  );
}

export async function commitsPage(repository: Repository, revision: string): Promise<Answer> {
  const sha = await requireCommit(repository, revision);
  const commits = await listCommits(repository.git, ['--max-count=100', sha]);
  return answerPage(
    `Commits · ${repository.name}`,
    repositoryCrumbs(repository),
    `<h1>Commits <span class="ref">${escapeHtml(revision)}</span></h1>${commitRows(commits, repository.urls.web)}`,
  );
}

export function commitRows(commits: readonly CommitRow[], web: string): string {
  const items = commits.map(
    (
      commit,
    ) => `<li><a href="${web}/commit/${commit.sha}">${escapeHtml(commit.message.split('\n')[0] ?? '')}</a>
<span class="muted">${escapeHtml(commit.author.name)} · ${timeTag(commit.committer.date)}</span>
<a class="sha right" href="${web}/commit/${commit.sha}">${commit.sha.slice(0, 7)}</a></li>`,
  );
  return `<div class="box"><ul class="rows">${items.join('')}</ul></div>`;
}
