import { countVoices } from '../../domain/approval.ts';
import { type PlanBody, type PlanState, targetServices } from '../../domain/plan.ts';
import type { PlanView } from '../../domain/room.ts';
import { bold, escapeText, inline, mention, moment, shorten } from './mrkdwn.ts';

type Decision = PlanView['decisions'][number];

/** Where the plan stands: who decided, when, why, and what became of it. */
export function decisionLines(view: PlanView, body: PlanBody): string[] {
  if (view.state === 'pending') return progressOfApproval(view, body);
  const lines = [statusLine(view, view.state)];
  if (view.progress.length > 0) lines.push(view.progress.map((line) => `› ${escapeText(line)}`).join('\n'));
  if (isRenewable(view)) {
    lines.push('*Check again* makes a new plan from the state of things now; that one must be approved too.');
  }
  return lines;
}

/** Said first on every card that could otherwise act. */
export function haltLines(view: PlanView): string[] {
  const { halted, state } = view;
  if (halted === null || over.has(state)) return [];
  const why = halted.reason.trim() === '' ? '' : `: ${shorten(inline(halted.reason), 300)}`;
  return [
    `🛑 *Everything is halted* by ${mention(halted.by)}${why}\nNothing is run or undone, anywhere, until it is lifted with \`/warroom lift\`.`,
  ];
}

const over = new Set<PlanState>(['rejected', 'rolled-back']);

function progressOfApproval(view: PlanView, body: PlanBody): string[] {
  const given = view.decisions.filter((one) => one.decision === 'approve');
  if (given.length === 0 && view.needed <= 1) return [];
  const voices = countVoices(given.map((one) => ({ userId: one.by, inNameOf: one.inNameOf })));
  const names = given.length === 0 ? '' : `: ${list(given)}`;
  const count = `*${voices} of ${view.needed} ${view.needed === 1 ? 'approval' : 'approvals'}*${names}`;
  if (voices < view.needed) {
    const more = view.needed - voices;
    const missing =
      voices === 0 ? `${more} different people` : more === 1 ? 'One more person' : `${more} more people`;
    return [`👥 ${count}. ${missing} must approve before anything is run.`];
  }
  const services = targetServices(body).map(bold).join(', ');
  return [`👥 ${count}. It waits for an approver of each service that it acts on: ${services}.`];
}

function statusLine(view: PlanView, state: Exclude<PlanState, 'pending'>): string {
  switch (state) {
    case 'announced':
      return announced(view);
    case 'rejected':
      return `⛔ *Rejected*${by(view.decisions.findLast((one) => one.decision === 'reject'))}. Nothing was changed.${quoted(view, 'reject')}`;
    case 'expired':
      return `⏳ *Expired* at ${moment(view.expiresAt)}: nobody decided in time. Nothing was changed.`;
    case 'void':
      return '⚪ *Withdrawn.* Nothing was changed.';
    default:
      return `${after[state]}${consent(view)}${quoted(view, 'break-glass')}`;
  }
}

function announced(view: PlanView): string {
  const left = view.secondsLeft === null || view.secondsLeft === 0 ? '' : `in ${view.secondsLeft} s, `;
  const when = view.runsAt === null ? 'now' : `${left}at ${moment(view.runsAt, '{time_secs}')}`;
  return `⏱️ *Runs by itself ${when}* unless somebody stops it. Anybody may; it then waits for approval.`;
}

function isRenewable(view: PlanView): boolean {
  return view.renewable && view.halted === null && (view.state === 'expired' || view.state === 'void');
}

/** Who let it run. */
function consent(view: PlanView): string {
  const glass = view.decisions.find((one) => one.decision === 'break-glass');
  if (glass !== undefined) return `  ·  🚨 glass broken${by(glass)}`;
  const given = view.decisions.filter((one) => one.decision === 'approve');
  if (given.length > 0) return `  ·  approved by ${list(given)}`;
  return view.decisions.some((one) => one.decision === 'self-run')
    ? '  ·  by itself, as the policy allows'
    : '';
}

function quoted(view: PlanView, decision: Decision['decision']): string {
  const reason = view.decisions.findLast((one) => one.decision === decision)?.reason?.trim() ?? '';
  return reason === '' ? '' : `\n> ${escapeText(shorten(reason, 1000)).replaceAll('\n', '\n> ')}`;
}

function by(decision: Decision | undefined): string {
  return decision === undefined ? '' : ` by ${person(decision)}`;
}

function list(decisions: readonly Decision[]): string {
  return decisions.map(person).join(', ');
}

function person({ by, inNameOf, at }: Decision): string {
  const lent = inNameOf === null ? '' : ` for ${mention(inNameOf)}`;
  return `${mention(by)}${lent} at ${moment(at, '{time_secs}')}`;
}

const after: Record<Exclude<PlanState, 'pending' | 'announced' | 'rejected' | 'expired' | 'void'>, string> = {
  approved: '✅ *Approved*, starting',
  executing: '⏳ *Running*',
  executed: '👀 *Done*, watching whether it helps',
  verified: '✅ *Done, and it helped*',
  unverified: '❔ *Done; whether it helped could not be measured*',
  undoing: '↩️ *Being undone*',
  'rolled-back': '↩️ *Rolled back*',
  failed: '❌ *Failed*',
};
