import type { CandidateCommit } from '../../analysis/culprits/candidate-commit.ts';
import { parseDiff } from '../../analysis/culprits/parse-diff.ts';
import { type RankedCommit, rankCommits } from '../../analysis/culprits/rank-commits.ts';
import { indexSource, type SourceFile, type SourceIndex } from '../../analysis/culprits/source-index.ts';
import type { Symptoms } from '../../analysis/culprits/symptoms.ts';
import type { Service } from '../../domain/service.ts';
import type { Commit, SourceControl } from '../../ports/source-control.ts';
import { readSourceTree } from './read-source-tree.ts';

export interface RepositoryView {
  readonly head: string;
  readonly commits: readonly CandidateCommit[];
  readonly log: readonly Commit[];
  readonly diffs: ReadonlyMap<string, string>;
  readonly source: SourceIndex;
}

const mostCommits = 30;
const diffBytes = 60_000;

/** Head, latest commits with their diffs, and the source as it stands: what ranking needs. */
export async function readRepository(
  source: SourceControl,
  service: Service,
  onset: Date,
  signal: AbortSignal,
): Promise<RepositoryView> {
  const { head } = await source.fetch(service, signal);
  const weekBefore = new Date(onset.getTime() - 7 * 24 * 3_600_000);
  let log = await source.log(service, { at: head, since: weekBefore, limit: mostCommits }, signal);
  if (log.length < 5) log = await source.log(service, { at: head, limit: 10 }, signal);
  const single = log.filter((commit) => commit.parents.length < 2);
  const shas = single.map((commit) => commit.sha);
  const diffs = new Map(await source.diffs(service, shas, diffBytes, signal));
  for (const sha of shas)
    if (!diffs.has(sha)) diffs.set(sha, await source.diff(service, sha, diffBytes, signal));
  const touched = new Set(single.flatMap((commit) => commit.files.map((file) => file.path)));
  const tree = await source.checkout(service, head, signal);
  let files: SourceFile[];
  try {
    files = await readSourceTree(tree.path, touched);
  } finally {
    await tree.remove();
  }
  return {
    head,
    log,
    diffs,
    commits: single.map((commit) => toCandidate(commit, diffs.get(commit.sha) ?? '')),
    source: indexSource(files),
  };
}

export function rankFor(view: RepositoryView, symptoms: Symptoms): RankedCommit[] {
  return rankCommits(view.commits, symptoms, view.source);
}

function toCandidate(commit: Commit, diff: string): CandidateCommit {
  return {
    sha: commit.sha,
    subject: commit.subject,
    body: commit.body,
    author: commit.author,
    committedAt: commit.committedAt.getTime() / 1000,
    root: commit.parents.length === 0,
    files: parseDiff(diff),
  };
}
