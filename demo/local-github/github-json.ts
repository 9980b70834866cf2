import type { CommitRow, FileChange } from './commit-view.ts';

/** Where the JSON of one repository's objects points to. */
export type RepositoryUrls = { api: string; web: string };

export function repositoryUrls(origin: string, owner: string, repo: string): RepositoryUrls {
  return { api: `${origin}/repos/${owner}/${repo}`, web: `${origin}/${owner}/${repo}` };
}

export function gitCommitJson(urls: RepositoryUrls, commit: CommitRow): Record<string, unknown> {
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url: `${urls.api}/git/commits/${commit.sha}`,
    html_url: `${urls.web}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    message: commit.message,
    tree: { sha: commit.tree, url: `${urls.api}/git/trees/${commit.tree}` },
    parents: parentsJson(urls, commit),
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null },
  };
}

/** The commit of the commits API; `author` and `committer` accounts are null, as for unknown e-mail addresses. */
export function commitJson(
  urls: RepositoryUrls,
  commit: CommitRow,
  files?: readonly FileChange[],
): Record<string, unknown> {
  const additions = files?.reduce((sum, file) => sum + file.additions, 0) ?? 0;
  const deletions = files?.reduce((sum, file) => sum + file.deletions, 0) ?? 0;
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${urls.api}/git/trees/${commit.tree}` },
      url: `${urls.api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null },
    },
    url: `${urls.api}/commits/${commit.sha}`,
    html_url: `${urls.web}/commit/${commit.sha}`,
    comments_url: `${urls.api}/commits/${commit.sha}/comments`,
    author: null,
    committer: null,
    parents: parentsJson(urls, commit),
    ...(files === undefined
      ? {}
      : {
          stats: { total: additions + deletions, additions, deletions },
          files: files.map((file) => fileJson(urls, file, commit.sha)),
        }),
  };
}

function parentsJson(urls: RepositoryUrls, commit: CommitRow): unknown[] {
  return commit.parents.map((sha) => ({
    sha,
    url: `${urls.api}/commits/${sha}`,
    html_url: `${urls.web}/commit/${sha}`,
  }));
}

export function fileJson(urls: RepositoryUrls, file: FileChange, atCommit: string): Record<string, unknown> {
  const path = file.filename.split('/').map(encodeURIComponent).join('/');
  return {
    sha: file.sha,
    filename: file.filename,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${urls.web}/blob/${atCommit}/${path}`,
    raw_url: `${urls.web}/raw/${atCommit}/${path}`,
    contents_url: `${urls.api}/contents/${path}?ref=${atCommit}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previousFilename === undefined ? {} : { previous_filename: file.previousFilename }),
  };
}

export function refJson(urls: RepositoryUrls, ref: string, sha: string): Record<string, unknown> {
  return {
    ref,
    node_id: `R_${ref}`,
    url: `${urls.api}/git/${ref}`,
    object: { type: 'commit', sha, url: `${urls.api}/git/commits/${sha}` },
  };
}
