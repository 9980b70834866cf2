import type { PlannedRemedy } from '../../domain/plan.ts';
import type { Service } from '../../domain/service.ts';
import { WarroomError } from '../../platform/errors.ts';
import type { PullRequest } from '../../ports/code-host.ts';
import type { Applied, RemedyContext } from '../../ports/remedy.ts';
import type { Tools } from '../tools.ts';
import { digestChanges } from './digest-changes.ts';
import { landChange, noteOnLanding, receiptOf } from './land-change.ts';
import { revertOrReason, short } from './preview.ts';
import { fixBody, fixMessage, fixTitle } from './pull-request-text.ts';
import { paramsSchema, pinsSchema, readStored } from './schema.ts';

export function fixBranch(digest: string): string {
  return `warroom/revert-${digest.slice(0, 12)}`;
}

/** Merges the revert that was approved, or says which pin no longer holds. */
export async function applyRevert(
  tools: Tools,
  service: Service,
  planned: PlannedRemedy,
  context: RemedyContext,
  signal: AbortSignal,
): Promise<Applied> {
  const { source, codeHost } = tools;
  const { commit } = readStored(paramsSchema, planned.params, 'parameters');
  const pins = readStored(pinsSchema, planned.pins, 'pins');
  const branch = fixBranch(context.digest);
  const done = async (pull: PullRequest): Promise<Applied> => {
    const { mergeSha } = pull;
    const landed = mergeSha === null ? null : { mergeSha, base: pins.base };
    const note = landed === null ? '' : await noteOnLanding(source, service, landed, signal);
    return {
      applied: true,
      receipt: receiptOf(pull, branch, `Reverted ${short(commit)} in ${service.name}.`, note),
    };
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
  const outcome = await revertOrReason(source, service, { base: pins.base, sha: commit }, signal);
  if (typeof outcome === 'string') return withdraw(outcome);
  const asApproved =
    digestChanges(outcome.changes) === pins.result &&
    outcome.diff.normalize('NFC') === planned.preview.diff.normalize('NFC');
  if (!asApproved) return withdraw('the change is no longer the one that was shown.');

  const [reverted] = await source.log(service, { at: commit, limit: 1 }, signal);
  const subject = reverted?.subject ?? short(commit);
  const landing = {
    branch,
    base: pins.base,
    onlyOntoBase: true,
    changes: outcome.changes,
    title: fixTitle(subject),
    message: fixMessage(subject, commit, context),
    body: fixBody(planned, context),
  };
  try {
    return await done(await landChange(codeHost, service, landing, signal));
  } catch (error) {
    if (!(error instanceof WarroomError) || (error.code !== 'stale' && error.code !== 'conflict'))
      throw error;
    const since = await whyBaseMoved(tools, service, pins.base, signal);
    // a rule of the repository stopped it, not a change: the open pull request is left for a person to merge
    if (since === null) throw error;
    return withdraw(since);
  }
}

async function whyBaseMoved(
  { codeHost }: Tools,
  service: Service,
  base: string,
  signal: AbortSignal,
): Promise<string | null> {
  const head = await codeHost.branchHead(service, signal);
  if (head === base) return null;
  return `${service.repository.branch} has moved from ${short(base)} to ${short(head)} since the plan was made.`;
}

function refuse(reason: string): Applied {
  return { applied: false, reason };
}
