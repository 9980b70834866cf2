import type { Button, KnownBlock } from '@slack/types';
import type { PlanBody, Risk } from '../../domain/plan.ts';
import type { PlanView } from '../../domain/room.ts';
import type { Links } from '../../platform/signed-links.ts';
import { citations } from './evidence-links.ts';
import {
  bold,
  code,
  footnote,
  header,
  inline,
  link,
  mention,
  moment,
  plain,
  section,
  showHidden,
} from './mrkdwn.ts';
import { readPlan } from './plan-body.ts';
import { decisionLines } from './plan-decision.ts';
import { planAsText } from './plan-text.ts';
import { assemble, type RenderContext, type Rendered, type RoomFile, sizeOf } from './rendered.ts';

/** Above this the change is read better in a file, and Slack would refuse it soon after. */
const inlineMax = 6500;
const inlineLinesMax = 120;

export const planActions = { approve: 'plan_approve', reject: 'plan_reject' } as const;

/**
 * The card that a person approves: rendered from the hashed bytes alone. What does not fit whole goes into a file in the
 * thread, and the buttons appear only after the file is there.
 */
export function renderPlanCard(view: PlanView, links: Links, context: RenderContext): Rendered {
  const read = readPlan(view.planId, view.canonical, view.digest);
  if (!read.readable) return renderUnreadable(view, read.reason);

  const { body } = read;
  const pending = view.state === 'pending';
  const summary = body.remedies[0]?.preview.summary ?? body.service;
  // A header says the one step of most plans in full; what it cannot say in full is said below it.
  const titled = body.remedies.length === 1 && summary.length <= 120;
  const change = wholeChange(body, titled);
  const offered = [riskSection(body, links), ...change, verificationSection(body)];
  const fits = isWhole(offered);
  const ready = fits || context.attached || !pending;
  const shown = fits ? change : shortChange(body, ready);
  const blocks: KnownBlock[] = [
    header(`🛠️ ${pending ? 'Proposed fix' : 'Fix'}: ${summary}`),
    ...decisionLines(view).map((line) => section(line)),
    // What helps to decide goes after the decision; a change that never ran is told by its headline.
    ...(pending ? [riskSection(body, links)] : []),
    ...(neverRan.has(view.state) ? [] : shown),
    ...(pending ? [verificationSection(body)] : []),
  ];
  const keep: KnownBlock[] = [];
  if (pending) keep.push(footnote(`${whoMay(view)}  ·  ${expiry(view)}`));
  if (pending && ready) keep.push({ type: 'actions', elements: buttons(view, body, fits) });
  if (pending && !ready)
    keep.push(section('⏳ The buttons appear once the full change is attached to this thread.'));
  keep.push(footnote(`Plan ${code(body.planId)}`, `sha256 ${code(view.digest)}`));
  const spoken = `🛠️ ${inline(summary)}${pending ? ': waiting for approval' : ''}`;
  return assemble(spoken, blocks, {
    keep,
    files: fits || !pending ? [] : [planFile(body, view.digest)],
    more: link(links.incident(body.incidentId), 'see all of it'),
  });
}

const neverRan = new Set<PlanView['state']>(['rejected', 'expired', 'void']);

/** Everything that will be done, word for word. */
function wholeChange(body: PlanBody, titled: boolean): KnownBlock[] {
  return body.remedies.flatMap((remedy, index) => {
    const { preview } = remedy;
    const blocks: KnownBlock[] = [
      section(
        ...(titled ? [] : [`*${index + 1} of ${body.remedies.length}*  ${inline(preview.summary)}`]),
        `${code(remedy.kind)} on ${bold(remedy.service)}${pairs('  ', remedy.params)}${pairs('  ·  only while ', remedy.pins)}`,
        ...preview.notes.map((note) => `• ${inline(note)}`),
      ),
    ];
    if (preview.diff !== '') {
      const text = showHidden(preview.diff).trimEnd();
      blocks.push({
        type: 'rich_text',
        elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }],
      });
    }
    blocks.push(section(`*To undo it*  ${inline(preview.undo)}`));
    return blocks;
  });
}

function shortChange(body: PlanBody, attached: boolean): KnownBlock[] {
  const where = attached ? 'in this thread' : 'being attached to this thread';
  return [
    section(
      `🔗 The change is too long for a card: *the whole of it is a file ${where}.* Read it before you decide.`,
    ),
    ...body.remedies.slice(0, 5).map((remedy) => {
      const lines = remedy.preview.diff === '' ? 0 : remedy.preview.diff.trimEnd().split('\n').length;
      return section(
        inline(remedy.preview.summary),
        `${code(remedy.kind)} on ${bold(remedy.service)}${lines > 0 ? `, a diff of ${lines.toLocaleString('en-US')} lines` : ''}`,
        `*To undo it*  ${inline(remedy.preview.undo)}`,
      );
    }),
  ];
}

/** True when nothing was cut: a section that was ends in `…` or in a count of what is missing. */
function isWhole(blocks: readonly KnownBlock[]): boolean {
  if (sizeOf(blocks) > inlineMax || blocks.length > 24) return false;
  let lines = 0;
  for (const block of blocks) {
    if (block.type === 'section' && /(…|\n_… \d+ more lines?_)$/.test(block.text?.text ?? '')) return false;
    if (block.type === 'rich_text') lines += JSON.stringify(block).split('\\n').length;
  }
  return lines <= inlineLinesMax;
}

function planFile(body: PlanBody, digest: string): RoomFile {
  return {
    name: `plan-${digest.slice(0, 12)}.diff`,
    content: planAsText(body, digest),
    comment: `Full change of plan ${body.planId}, sha256 ${digest}.`,
  };
}

function pairs(before: string, values: Readonly<Record<string, unknown>>): string {
  const listed = Object.entries(values).map(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    // A commit's first 12 digits are what people compare; the digest binds all 40.
    return `${inline(key)} ${code(/^[0-9a-f]{40}$/.test(text) ? text.slice(0, 12) : text)}`;
  });
  return listed.length === 0 ? '' : before + listed.join(' · ');
}

const riskMark: Record<Risk['class'], string> = {
  low: 'Low risk',
  medium: '⚠️ Medium risk',
  high: '⛔ High risk',
};

function riskSection(body: PlanBody, links: Links): KnownBlock {
  const why = body.risk.reasons.map((reason) => inline(reason)).join('; ');
  return section(
    `${bold(riskMark[body.risk.class])}${why === '' ? '' : `: ${why}`}`,
    `Because of ${citations(body.evidence, body.incidentId, links) || 'nothing: no evidence cited'}`,
  );
}

function verificationSection(body: PlanBody): KnownBlock {
  const { alert, expression } = body.verification;
  if (expression === '') return section('*Did it help?*  There is no alert to measure it by: you judge.');
  return section(`*Did it help?*  ${bold(alert)} is read again: ${code(expression)}`);
}

function whoMay(view: PlanView): string {
  if (view.approvers.length === 0)
    return '⚠️ Nobody may approve: the catalogue names no approvers for this service';
  return `Who may decide: ${view.approvers.map(mention).join(', ')}`;
}

function expiry(view: PlanView): string {
  return `expires at ${moment(view.expiresAt)}`;
}

/** What the buttons carry: enough to know that the approver saw exactly this plan. */
function buttons(view: PlanView, body: PlanBody, fits: boolean): Button[] {
  const value = JSON.stringify({ planId: view.planId, digest: view.digest, nonce: view.nonce });
  const summary = body.remedies.map((remedy) => remedy.preview.summary).join(' Then: ');
  const read = fits ? '' : ' The full change is the file in this thread.';
  return [
    {
      type: 'button',
      action_id: planActions.approve,
      style: 'primary',
      text: plain('Approve', 75),
      value,
      confirm: {
        title: plain('Run this fix now?', 100),
        text: plain(`${plain(summary, 180).text}${read} It is undone if it does not help.`, 300),
        confirm: plain('Approve and run', 30),
        deny: plain('Not yet', 30),
      },
    },
    { type: 'button', action_id: planActions.reject, style: 'danger', text: plain('Reject', 75), value },
  ];
}

/** A stored plan that cannot be trusted is shown as exactly that. */
function renderUnreadable(view: PlanView, reason: string): Rendered {
  return assemble(`⛔ This plan cannot be approved: ${reason}`, [
    header('⛔ This plan cannot be approved'),
    section(
      `Warroom does not show a plan that it cannot vouch for: ${inline(reason)}. *Nothing was or will be run from it.*`,
      'Ask whoever runs Warroom to look at the record; a new plan can be made.',
    ),
    footnote(`Plan ${code(view.planId)}`, `stated sha256 ${code(view.digest)}`),
  ]);
}
