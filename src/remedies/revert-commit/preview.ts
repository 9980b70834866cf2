import type { Service } from '../../domain/service.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { Preview } from '../../ports/remedy.ts';
import type { Commit, RevertOutcome, SourceControl } from '../../ports/source-control.ts';
import { count, type GitTools, nameAll, short } from '../shared-git/git-tools.ts';
import { maskChange, noteMasked } from '../shared-git/mask-change.ts';
import { impossible, planChange } from '../shared-git/plan-change.ts';
import { readBase } from '../shared-git/read-base.ts';
import { judgeRevert } from './risk.ts';
import { paramsSchema } from './schema.ts';

/** Later commits looked at, for the notes and the risk. */
const laterLimit = 200;

/** What reverting the commit would change on today's branch, and how risky that is. Reads only. */
export async function previewRevert(
  tools: GitTools,
  service: Service,
  params: unknown,
  signal: AbortSignal,
): Promise<Preview> {
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) return impossible('the plan does not name a commit, and nothing but a commit.');
  const { source } = tools;
  const { branch, slug } = service.repository;
  const read = await readBase(tools, service, signal);
  if ('reason' in read) return impossible(read.reason);
  const { base } = read;
  const outcome = await revertOrReason(source, service, { base, sha: parsed.data.commit }, signal);
  if (typeof outcome === 'string') return impossible(outcome);
  const [commit] = await source.log(service, { at: parsed.data.commit, limit: 1 }, signal);
  if (commit === undefined) return impossible('the commit cannot be read.');

  const { changes, diff } = outcome;
  const later = await commitsAfter(source, service, { base, commit }, signal);
  const paths = changes.map((change) => change.path);
  const overlapping = later.filter((one) => one.files.some((file) => paths.includes(file.path)));
  const shown = await maskChange(source, service, base, outcome, signal);
  return planChange(service, base, shown, {
    kind: 'revert-commit',
    params: { commit: commit.sha },
    facts: judgeRevert({ commit, changes, diff, overlapping }),
    preview: {
      summary: `Revert ${short(commit.sha)} “${commit.subject}” by ${commit.author} on ${slug} ${branch}.`,
      measured: null,
      notes: [...notesOn(commit, later, overlapping, paths), ...noteMasked(outcome, shown)],
      undo: 'Revert the merge by a second pull request, which brings back exactly what is there now.',
    },
  });
}

/** The clean revert, or why there is none. */
export async function revertOrReason(
  source: SourceControl,
  service: Service,
  query: { base: string; sha: string },
  signal: AbortSignal,
): Promise<Extract<RevertOutcome, { kind: 'clean' }> | string> {
  try {
    const outcome = await source.revert(service, query, signal);
    switch (outcome.kind) {
      case 'clean':
        return outcome;
      case 'conflict':
        return `${short(query.sha)} cannot be reverted by machine: later changes overlap in ${nameAll(outcome.files)}.`;
      case 'already-undone':
        return `what ${short(query.sha)} changed is already undone on ${service.repository.branch}.`;
      default:
        return outcome satisfies never;
    }
  } catch (error) {
    if (error instanceof WarroomError && error.code === 'no_such_commit')
      return `${error.message} ${error.hint}`;
    throw error;
  }
}

async function commitsAfter(
  source: SourceControl,
  service: Service,
  { base, commit }: { base: string; commit: Commit },
  signal: AbortSignal,
): Promise<Commit[]> {
  const recent = await source.log(
    service,
    { at: base, since: commit.committedAt, limit: laterLimit },
    signal,
  );
  return recent.filter((one) => one.sha !== commit.sha && one.committedAt > commit.committedAt);
}

function notesOn(
  commit: Commit,
  later: readonly Commit[],
  overlapping: readonly Commit[],
  paths: readonly string[],
): string[] {
  const notes: string[] = [];
  if (commit.parents.length > 1) notes.push('It is a merge: everything that it brought is undone together.');
  if (paths.length > 1)
    notes.push(`The commit touched ${paths.length} files, and all of them go back: ${nameAll(paths)}.`);
  if (later.length > 0) notes.push(`${count(later.length, 'commit')} made after it stay in place.`);
  if (overlapping.length > 0) {
    const named = overlapping.map((one) => `${short(one.sha)} “${one.subject}”`);
    notes.push(`Of these, the same files were touched by ${nameAll(named)}.`);
  }
  const untouched = commit.files.map((file) => file.path).filter((path) => !paths.includes(path));
  if (untouched.length > 0) notes.push(`Already as before, and left alone: ${nameAll(untouched)}.`);
  if (paths.some((path) => path.startsWith('.github/workflows/'))) {
    notes.push('GitHub takes changes of workflows only from a token with the workflow permission.');
  }
  return notes;
}
