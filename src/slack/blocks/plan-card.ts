import type { KnownBlock } from '@slack/types';
import type { PlanBody, PlanState, Risk } from '../../domain/plan.ts';
import type { PlanView } from '../../domain/room.ts';
import type { Links } from '../../platform/signed-links.ts';
import { refusalWord } from '../refusal-texts.ts';
import { citations } from './evidence-links.ts';
import { bold, code, footnote, header, inline, link, mention, moment, section, shorten } from './mrkdwn.ts';
import { readPlan } from './plan-body.ts';
import { planButtons } from './plan-buttons.ts';
import { isWhole, planFile, shortChange, wholeChange, whyUnshowable } from './plan-change.ts';
import { decisionLines, haltLines } from './plan-decision.ts';
import { assemble, type RenderContext, type Rendered } from './rendered.ts';

const refusedShown = 3;
const historyShown = 3;
const approversShown = 12;

/**
 * The card that a person approves: rendered from the hashed bytes alone. What does not fit whole goes into a file in the
 * thread, and the buttons appear only after the file is there. What cannot be shown at all has none.
 */
export function renderPlanCard(view: PlanView, links: Links, context: RenderContext): Rendered {
  const read = readPlan(view.planId, view.canonical, view.digest);
  if (!read.readable) return renderUnreadable(view, read.reason);

  const { body } = read;
  const open = view.state === 'pending' || view.state === 'announced';
  const unshowable = open ? whyUnshowable(body) : null;
  if (unshowable !== null) return renderUnshowable(view, body, unshowable);

  const summary = headline(body);
  const title = header(`🛠️ ${titleWord[view.state] ?? 'Fix'}: ${summary}`);
  // A header says the one step of most plans in full; what it cannot say in full is said below it.
  const titled = body.remedies.length === 1 && summary.length <= 120 && !title.text.text.endsWith('…');
  const change = wholeChange(body, titled);
  const fits = isWhole([riskSection(body, links), ...change, verificationSection(body)]);
  const ready = fits || context.attached || !open;
  const blocks: KnownBlock[] = [
    title,
    ...[...haltLines(view), ...decisionLines(view, body)].map((line) => section(line)),
    // What helps to decide goes after the decision; a change that never ran is told by its headline.
    ...(open ? [riskSection(body, links)] : []),
    ...(neverRan.has(view.state) ? [] : fits ? change : shortChange(body, ready)),
    ...(open ? [verificationSection(body)] : []),
  ];
  const buttons = ready ? planButtons(view, body, fits) : [];
  const keep: KnownBlock[] = [
    ...(open ? footnotes(historyLines(body)) : []),
    ...footnotes(refusedLines(view)),
    ...(view.state === 'pending' ? footnotes(waitingLines(view)) : []),
    ...(buttons.length > 0 ? [{ type: 'actions' as const, elements: buttons }] : []),
    ...(ready ? [] : [section('⏳ The buttons appear once the full change is attached to this thread.')]),
    footnote(`Plan ${code(body.planId)}`, `sha256 ${code(view.digest)}`),
  ];
  return assemble(`🛠️ ${inline(summary)}${spoken[view.state] ?? ''}`, blocks, {
    keep,
    files: fits || !open ? [] : [planFile(body, view.digest)],
    more: link(links.incident(body.incidentId), 'see all of it'),
  });
}

const neverRan = new Set<PlanState>(['rejected', 'expired', 'void']);

const titleWord: Partial<Record<PlanState, string>> = { pending: 'Proposed fix', announced: 'About to run' };

/** What a notification says besides the fix itself. */
const spoken: Partial<Record<PlanState, string>> = {
  pending: ': waiting for approval',
  announced: ': runs by itself unless somebody stops it',
};

function headline(body: PlanBody): string {
  const first = body.remedies[0]?.preview.summary ?? body.service;
  const more = body.remedies.length - 1;
  return more === 0 ? first : `${first}, and ${more} more ${more === 1 ? 'step' : 'steps'}`;
}

const riskMark: Record<Risk['class'], string> = {
  low: 'Low risk',
  medium: '⚠️ Medium risk',
  high: '⛔ High risk',
};

function riskSection(body: PlanBody, links: Links): KnownBlock {
  const why = body.risk.reasons.map((reason) => inline(reason)).join('; ');
  const askers = body.requestedBy.map(mention).join(', ');
  return section(
    `${bold(riskMark[body.risk.class])}${why === '' ? '' : `: ${why}`}`,
    ...(body.tainted && !why.includes('the public can write')
      ? ['It rests on text that the public can write, so it never runs without a person.']
      : []),
    `Because of ${citations(body.evidence, body.incidentId, links) || 'nothing: no evidence cited'}`,
    ...(askers === '' ? [] : [`Asked for by ${askers}: somebody else must approve.`]),
  );
}

function verificationSection(body: PlanBody): KnownBlock {
  const { alert, expression } = body.verification;
  if (expression === '') return section('*Did it help?*  There is no alert to measure it by: you judge.');
  return section(`*Did it help?*  ${bold(alert)} is read again: ${code(expression)}`);
}

function footnotes(lines: readonly string[]): KnownBlock[] {
  return lines.length === 0 ? [] : [footnote(...lines)];
}

function historyLines(body: PlanBody): string[] {
  if (body.history.length === 0) return [];
  const said = body.history.slice(0, historyShown).map((each) => shorten(inline(each), 250));
  return [`Said of this fix before: ${said.join('  ·  ')}`];
}

/** Everybody whose click did not count is answered here too: the room sees that it was seen. */
function refusedLines(view: PlanView): string[] {
  const latest = view.refused.slice(-refusedShown);
  if (latest.length === 0) return [];
  return [
    `⛔ Did not count: ${latest.map((one) => `${mention(one.by)} ${refusalWord[one.refusal]}`).join('; ')}`,
  ];
}

function waitingLines(view: PlanView): string[] {
  return [whoMay(view), `expires at ${moment(view.expiresAt)}`, whyAsked(view)];
}

function whoMay(view: PlanView): string {
  if (view.approvers.length === 0)
    return '⚠️ Nobody may approve: the catalogue names no approvers for this service';
  const more = view.approvers.length - approversShown;
  const named = view.approvers.slice(0, approversShown).map((one) => shorten(mention(one), 80));
  return `Who may decide: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function whyAsked(view: PlanView): string {
  return view.whyAsked === null ? '' : `waits for a person because ${shorten(inline(view.whyAsked), 300)}`;
}

/** A change that nobody can read is not offered to anybody. */
function renderUnshowable(view: PlanView, body: PlanBody, reason: string): Rendered {
  const summary = headline(body);
  return assemble(
    `⛔ ${inline(summary)}: cannot be approved, ${inline(reason)}`,
    [
      header(`⛔ Cannot be approved: ${summary}`),
      section(
        `What cannot be shown whole is never run: ${inline(reason)}. *Nothing was or will be changed by it.*`,
        'Make the fix smaller, or do it by hand.',
      ),
      footnote(`Plan ${code(body.planId)}`, `sha256 ${code(view.digest)}`),
    ],
    { shown: false },
  );
}

/** A stored plan that cannot be trusted is shown as exactly that. */
function renderUnreadable(view: PlanView, reason: string): Rendered {
  return assemble(
    `⛔ This plan cannot be approved: ${reason}`,
    [
      header('⛔ This plan cannot be approved'),
      section(
        `Warroom does not show a plan that it cannot vouch for: ${inline(reason)}. *Nothing was or will be run from it.*`,
        'Ask whoever runs Warroom to look at the record; a new plan can be made.',
      ),
      footnote(`Plan ${code(view.planId)}`, `stated sha256 ${code(view.digest)}`),
    ],
    { shown: false },
  );
}
