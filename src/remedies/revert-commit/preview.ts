import type { Service } from '../../domain/service.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { Preview } from '../../ports/remedy.ts';
import type { Commit, RevertOutcome, SourceControl } from '../../ports/source-control.ts';
import type { Tools } from '../tools.ts';
import { digestChanges } from './digest-changes.ts';
import { assessRisk, countCommits } from './risk.ts';
import { paramsSchema } from './schema.ts';

/** Beyond this nobody reviews a diff on a card. */
const maxDiffChars = 400_000;
/** Later commits looked at, for the notes and the risk. */
const laterLimit = 200;

/** What reverting the commit would change on today's branch, and how risky that is. Reads only. */
export async function previewRevert(
  { source, codeHost }: Tools,
  service: Service,
  params: unknown,
  signal: AbortSignal,
): Promise<Preview> {
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success) return impossible('the plan does not name a commit.');
  const { branch, slug } = service.repository;
  const { head } = await source.fetch(service, signal);
  const hosted = await codeHost.branchHead(service, signal);
  if (hosted !== head && (await source.fetch(service, signal)).head !== hosted) {
    return impossible(
      `${branch} is at ${short(head)} in the repository's url and at ${short(hosted)} in ${slug} on the code host.`,
    );
  }
  const base = hosted;
  const outcome = await revertOrReason(source, service, { base, sha: parsed.data.commit }, signal);
  if (typeof outcome === 'string') return impossible(outcome);
  const [commit] = await source.log(service, { at: parsed.data.commit, limit: 1 }, signal);
  if (commit === undefined) return impossible('the commit cannot be read.');
  if (outcome.diff.length > maxDiffChars)
    return impossible('the change is too large for anybody to review on a card.');

  const later = await commitsAfter(source, service, { base, commit }, signal);
  return {
    possible: true,
    risk: assessRisk({ commit, changes: outcome.changes, diff: outcome.diff, later }),
    planned: {
      kind: 'revert-commit',
      service: service.name,
      params: { commit: commit.sha },
      pins: { base, result: digestChanges(outcome.changes) },
      preview: {
        summary: `Revert ${short(commit.sha)} “${commit.subject}” by ${commit.author} on ${slug} ${branch}.`,
        diff: outcome.diff,
        notes: notesOn(commit, later, outcome.changes.length),
        undo: 'Revert the merge by a second pull request, which brings back exactly what is there now.',
      },
    },
  };
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
        return `${short(query.sha)} cannot be reverted by machine: later changes overlap in ${outcome.files.join(', ')}.`;
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

function notesOn(commit: Commit, later: readonly Commit[], changedFiles: number): string[] {
  const notes: string[] = [];
  if (later.length > 0) notes.push(`${countCommits(later.length)} made after it stay in place.`);
  if (commit.parents.length > 1) notes.push('It is a merge: everything that it brought is undone together.');
  if (changedFiles > 1) notes.push(`The commit touched ${changedFiles} files; all of them go back.`);
  return notes;
}

function impossible(reason: string): Preview {
  return { possible: false, reason };
}

export function short(sha: string): string {
  return sha.slice(0, 7);
}
