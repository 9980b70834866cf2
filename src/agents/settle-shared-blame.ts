import type { RankedCommit } from '../analysis/culprits/rank-commits.ts';
import { findService } from '../domain/service.ts';
import { type Look, readService } from './look-at-service.ts';
import { collectSymptoms } from './signals/collect-symptoms.ts';
import { rankFor, readRepository } from './signals/commit-signals.ts';
import { commitFrom, fitOf } from './state-claims.ts';
import type { ToolContext } from './tools/tool.ts';

/** How well "some commit that does not show" explains either side. */
const unknownFit = 0.1;
const openFrom = 0.2;

/**
 * Where a call is refused, telemetry cannot tell a wrong question from a wrong answer. The caller then reads the callee's
 * commits as well: whichever side has a change that explains it carries more of the guilt.
 */
export async function settleSharedBlame(
  context: ToolContext,
  look: Look,
  best: RankedCommit | null,
  signal: AbortSignal,
): Promise<Look> {
  const { judgement } = look;
  const [blame] = judgement.blames;
  const contested = judgement.origins.some((origin) => origin.service === blame?.service);
  if (blame === undefined || !contested || blame.share < openFrom || judgement.own < openFrom) return look;
  if (best === null || best.score < commitFrom) return look;
  const { assignment, desk } = context;
  const callee = findService(assignment.catalogue, blame.service);
  if (callee === undefined) return look;
  const theirs = await readService(context, callee.name);
  // What fails or crawls by itself needs no second opinion.
  if (theirs.judgement.origins.some((origin) => origin.kind === 'failed' || origin.kind === 'slow'))
    return look;
  const view = await readRepository(desk.sources.source, callee, look.window.onset, signal).catch(() => null);
  if (view === null) return look;
  const [rival] = rankFor(view, collectSymptoms(theirs.judgement, theirs.signals, theirs.window));
  const rivalFit = rival === undefined || rival.score < commitFrom ? unknownFit : fitOf(rival);
  const mine = judgement.own * Math.max(unknownFit, fitOf(best));
  const yours = blame.share * rivalFit;
  const part = mine / (mine + yours);
  const whole = Math.min(1, judgement.own + blame.share);
  return {
    ...look,
    judgement: {
      ...judgement,
      own: whole * part,
      blames: judgement.blames.map((one) =>
        one.service === blame.service ? { ...one, share: whole * (1 - part) } : one,
      ),
    },
  };
}
