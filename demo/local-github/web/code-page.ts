import { listCommits } from '../commit-view.ts';
import { type Repository, requireCommit } from '../repository.ts';
import { type Answer, GithubRefusal } from '../router.ts';
import { commitRows } from './commit-page.ts';
import { renderMarkdown } from './markdown.ts';
import { answerPage, type Crumb, escapeHtml, repositoryCrumbs } from './page.ts';

/** Splits `feature/x/src/a.ts` into the longest branch (or commit) it starts with, and the path in it. */
async function splitRefAndPath(
  repository: Repository,
  refAndPath: string,
): Promise<{ ref: string; commit: string; path: string }> {
  const parts = refAndPath.split('/');
  for (let count = parts.length; count > 0; count -= 1) {
    const ref = parts.slice(0, count).join('/');
    const commit = await requireCommit(repository, ref).catch(() => undefined);
    if (commit !== undefined) return { ref, commit, path: parts.slice(count).join('/') };
  }
  throw new GithubRefusal(404, 'Not Found');
}

export async function repositoryPage(repository: Repository): Promise<Answer> {
  const branch = await repository.git.defaultBranch();
  const commit = await requireCommit(repository, branch);
  const commits = await listCommits(repository.git, ['--max-count=8', commit]);
  const readme = await repository.git.run(['cat-file', 'blob', `${commit}:README.md`]);
  const web = repository.urls.web;
  return answerPage(
    `${repository.owner}/${repository.name}`,
    repositoryCrumbs(repository),
    `<div class="meta"><span class="ref">${escapeHtml(branch)}</span><a href="${web}/commits/${branch}">Commits</a>
<a href="${web}/pulls">Pull requests</a><span class="right">Clone <code>${escapeHtml(web)}.git</code></span></div>
${await treeBox(repository, commit, '', branch)}<h2>Latest commits</h2>${commitRows(commits, web)}
${readme.code === 0 ? `<div class="box"><div class="body">${renderMarkdown(readme.stdout.toString('utf8'))}</div></div>` : ''}`,
  );
}

export async function treePage(repository: Repository, refAndPath: string): Promise<Answer> {
  const { ref, commit, path } = await splitRefAndPath(repository, refAndPath);
  return answerPage(
    `${path === '' ? repository.name : path} at ${ref}`,
    pathCrumbs(repository, ref, path),
    await treeBox(repository, commit, path, ref),
  );
}

export async function blobPage(repository: Repository, refAndPath: string): Promise<Answer> {
  const { ref, commit, path } = await splitRefAndPath(repository, refAndPath);
  const blob = await repository.git.run(['cat-file', 'blob', `${commit}:${path}`]);
  if (blob.code !== 0) throw new GithubRefusal(404, 'Not Found');
  const lines = blob.stdout.toString('utf8').replace(/\n$/, '').split('\n');
  const rows = lines.map(
    (line, index) =>
      `<tr id="L${index + 1}"><td class="num"><a href="#L${index + 1}">${index + 1}</a></td><td>${escapeHtml(line)}</td></tr>`,
  );
  const shown = blob.stdout.includes(0)
    ? '<div class="body muted">Binary file.</div>'
    : `<table class="code">${rows.join('')}</table>`;
  return answerPage(
    `${path} at ${ref}`,
    pathCrumbs(repository, ref, path),
    `<div class="box"><div class="top"><span class="path">${escapeHtml(path)}</span><span class="muted">${lines.length} lines</span>
<span class="right sha">${commit.slice(0, 7)}</span></div>${shown}</div>`,
  );
}

function pathCrumbs(repository: Repository, ref: string, path: string): Crumb[] {
  const web = repository.urls.web;
  const crumbs = [...repositoryCrumbs(repository), { text: ref.slice(0, 24), href: `${web}/tree/${ref}` }];
  const parts = path === '' ? [] : path.split('/');
  parts.forEach((text, index) => {
    const kind = index === parts.length - 1 ? 'blob' : 'tree';
    crumbs.push({ text, href: `${web}/${kind}/${ref}/${encodeURI(parts.slice(0, index + 1).join('/'))}` });
  });
  return crumbs;
}

async function treeBox(repository: Repository, commit: string, path: string, ref: string): Promise<string> {
  const listed = await repository.git.run(['ls-tree', '-z', `${commit}:${path}`]);
  if (listed.code !== 0) throw new GithubRefusal(404, 'Not Found');
  const entries = listed.stdout
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => ({ folder: line.includes(' tree '), name: line.slice(line.indexOf('\t') + 1) }))
    .sort((a, b) => Number(b.folder) - Number(a.folder) || a.name.localeCompare(b.name));
  const items = entries.map(({ folder, name }) => {
    const target = encodeURI(path === '' ? name : `${path}/${name}`);
    const href = `${repository.urls.web}/${folder ? 'tree' : 'blob'}/${ref}/${target}`;
    return `<li>${folder ? folderIcon : fileIcon}<a href="${escapeHtml(href)}">${escapeHtml(name)}</a></li>`;
  });
  return `<div class="box"><ul class="rows">${items.join('')}</ul></div>`;
}

const folderIcon =
  '<svg class="icon folder" viewBox="0 0 16 16"><path d="M1.5 3.5A1.5 1.5 0 0 1 3 2h3l1.6 1.8H13a1.5 1.5 0 0 1 1.5 1.5v6.9a1.5 1.5 0 0 1-1.5 1.5H3a1.5 1.5 0 0 1-1.5-1.5Z"/></svg>';
const fileIcon =
  '<svg class="icon file" viewBox="0 0 16 16"><path d="M4 1.5h5L12.5 5v9a.5.5 0 0 1-.5.5H4a.5.5 0 0 1-.5-.5V2a.5.5 0 0 1 .5-.5ZM9 1.7V5h3.3"/></svg>';
