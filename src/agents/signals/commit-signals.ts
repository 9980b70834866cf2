import { classifyFile } from '../../analysis/culprits/classify-file.ts';
import { parseDiff } from '../../analysis/culprits/parse-diff.ts';
import {
  type CandidateCommit,
  type RankedCommit,
  rankCommits,
} from '../../analysis/culprits/rank-commits.ts';
import { indexSource, type SourceFile, type SourceIndex } from '../../analysis/culprits/source-index.ts';
import type { Symptoms } from '../../analysis/culprits/symptoms.ts';
import type { Service } from '../../domain/service.ts';
import type { Commit, SourceControl } from '../../ports/source-control.ts';

export interface RepositoryView {
  readonly head: string;
  readonly commits: readonly CandidateCommit[];
  readonly log: readonly Commit[];
  readonly diffs: ReadonlyMap<string, string>;
  readonly source: SourceIndex;
}

const mostCommits = 40;
const diffBytes = 60_000;
const fileBytes = 60_000;
const mostFiles = 80;
const atOnce = 6;

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
  const diffs = new Map<string, string>();
  await eachOf(single, async (commit) => {
    diffs.set(commit.sha, await source.diff(service, commit.sha, diffBytes, signal));
  });
  const touched = new Set(single.flatMap((commit) => commit.files.map((file) => file.path)));
  const paths = (await source.files(service, head, signal))
    .filter((path) => ['source', 'config'].includes(classifyFile(path)))
    .toSorted((a, b) => Number(touched.has(b)) - Number(touched.has(a)) || a.localeCompare(b))
    .slice(0, mostFiles);
  const files: SourceFile[] = [];
  await eachOf(paths, async (path) => {
    const text = await source.read(service, head, path, fileBytes, signal);
    if (text !== undefined) files.push({ path, text });
  });
  return {
    head,
    log,
    diffs,
    commits: single.map((commit) => toCandidate(commit, diffs.get(commit.sha) ?? '')),
    source: indexSource(files.toSorted((a, b) => a.path.localeCompare(b.path))),
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
    files: parseDiff(diff),
  };
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
