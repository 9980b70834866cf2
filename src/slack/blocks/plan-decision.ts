import type { PlanState } from '../../domain/plan.ts';
import type { PlanView } from '../../domain/room.ts';
import { escapeText, mention, moment } from './mrkdwn.ts';

/** Who decided, when, why, and what became of it; nothing while the plan waits. */
export function decisionLines(view: PlanView): string[] {
  const { state } = view;
  if (state === 'pending')
    return view.decision === null
      ? []
      : [`✓ *First approval*${decided(view)}. High risk needs a second person.`];
  const lines = [statusLine(view, state)];
  if (view.progress.length > 0) lines.push(view.progress.map((line) => `› ${escapeText(line)}`).join('\n'));
  return lines;
}

function statusLine(view: PlanView, state: Exclude<PlanState, 'pending'>): string {
  const { decision } = view;
  if (state === 'rejected') {
    const why = decision?.reason ? `\n> ${escapeText(decision.reason).replaceAll('\n', '\n> ')}` : '';
    return `⛔ *Rejected*${decided(view)}. Nothing was changed.${why}`;
  }
  if (state === 'expired') {
    return `⏳ *Expired* at ${moment(view.expiresAt)}: nobody decided in time. Nothing was changed.`;
  }
  if (state === 'void') return '⚪ *Withdrawn.* Nothing was changed.';
  return `${after[state]}${decision === null ? '' : `  ·  approved${decided(view)}`}`;
}

function decided(view: PlanView): string {
  const { decision } = view;
  return decision === null ? '' : ` by ${mention(decision.by)} at ${moment(decision.at, '{time_secs}')}`;
}

const after: Record<Exclude<PlanState, 'pending' | 'rejected' | 'expired' | 'void'>, string> = {
  approved: '✅ *Approved*, starting',
  executing: '⏳ *Running*',
  executed: '👀 *Done*, watching whether it helps',
  verified: '✅ *Done, and it helped*',
  unverified: '❔ *Done; whether it helped could not be measured*',
  'rolled-back': '↩️ *Rolled back*',
  failed: '❌ *Failed*',
};
