import type { PlannedRemedy } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { CodeHost, PullRequest } from '../../ports/code-host.ts';
import type { Applied, RemedyContext } from '../../ports/remedy.ts';
import type { FileChange } from '../../ports/source-control.ts';
import { digestChanges } from './digest-changes.ts';
import { type GitTools, noCodeHost } from './git-tools.ts';
import { landChange, noteOnLanding, receiptOf } from './land-change.ts';
import { changeBody } from './pull-request-text.ts';
import { whyBaseMoved } from './read-base.ts';
import { pinsSchema, readStored } from './stored-state.ts';

/** A change as it was shown, or is to be shown; the diff may be masked, the bytes are the real ones. */
export interface ShownChange {
  readonly diff: string;
  readonly changes: readonly FileChange[];
}

/** What one kind of fix adds to branch, pull request and merge. */
export interface ChangeToApply {
  readonly branch: string;
  /** Makes the change again from the pinned base; a sentence when that can no longer be done. */
  compute(base: string, signal: AbortSignal): Promise<ShownChange | string>;
  /** Title and commit message of the pull request. */
  text(signal: AbortSignal): Promise<{ readonly title: string; readonly message: string }>;
  /** What was done, for the receipt. */
  readonly did: string;
}

/** Merges the change that was approved, or says which pin no longer holds. */
export async function applyChange(
  tools: GitTools,
  service: Service,
  planned: PlannedRemedy,
  context: RemedyContext,
  change: ChangeToApply,
  signal: AbortSignal,
): Promise<Applied> {
  const { source, codeHost } = tools;
  if (codeHost === null) return refuse(noCodeHost);
  const pins = readStored(pinsSchema, planned.pins, 'pins');
  const { branch } = change;
  const done = async (pull: PullRequest): Promise<Applied> => {
    const { mergeSha } = pull;
    const landed = mergeSha === null ? null : { mergeSha, base: pins.base };
    const note = landed === null ? '' : await noteOnLanding(source, service, landed, signal);
    return { applied: true, receipt: receiptOf(pull, branch, change.did, note) };
  };
  /** Leaves nothing behind of a plan that is void; what moved the branch may be another process that ran it. */
  const withdraw = async (reason: string): Promise<Applied> => {
    const pull = await codeHost.findPullRequest(service, branch, signal);
    if (pull?.state === 'merged') return done(pull);
    if (pull?.state === 'open') await codeHost.close(service, pull.number, signal);
    return refuse(reason);
  };

  const earlier = await codeHost.findPullRequest(service, branch, signal);
  if (earlier?.state === 'merged') return done(earlier);
  if (earlier?.state === 'closed') return refuse(`pull request #${earlier.number} was closed by somebody.`);

  const moved = await whyBaseMoved(tools, service, pins.base, signal);
  if (moved !== null) return withdraw(moved);
  await source.fetch(service, signal);
  const made = await change.compute(pins.base, signal);
  if (typeof made === 'string') return withdraw(made);
  const asApproved =
    digestChanges(made.changes) === pins.result &&
    made.diff.normalize('NFC') === planned.preview.diff.normalize('NFC');
  if (!asApproved) return withdraw('the change is no longer the one that was shown.');

  const landing = {
    branch,
    base: pins.base,
    onlyOntoBase: true,
    changes: made.changes,
    body: changeBody(planned, context),
    ...(await change.text(signal)),
  };
  try {
    return await done(await landChange(codeHost, service, landing, signal));
  } catch (error) {
    if (!isRefusedMerge(error)) throw error;
    const since = await whyBaseMoved(tools, service, pins.base, signal);
    return since === null ? leaveOpen(codeHost, service, branch, error, signal) : withdraw(since);
  }
}

export function isRefusedMerge(error: unknown): error is WarroomError {
  return error instanceof WarroomError && (error.code === 'stale' || error.code === 'conflict');
}

/** A rule of the repository stopped it, not a change: the open pull request is for a person to merge. */
export async function leaveOpen(
  codeHost: CodeHost,
  service: Service,
  branch: string,
  why: WarroomError,
  signal: AbortSignal,
): Promise<Applied> {
  const pull = await codeHost.findPullRequest(service, branch, signal);
  if (pull?.state !== 'open') throw why;
  return refuse(`${why.message} Pull request #${pull.number} is open for a person to merge: ${pull.url}`);
}

function refuse(reason: string): Applied {
  return { applied: false, reason };
}
