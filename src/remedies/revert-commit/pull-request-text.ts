import type { PlannedRemedy } from '../../domain/plan.ts';
import type { RemedyContext } from '../../ports/remedy.ts';
import { quietLine, quietMarkdown } from './quiet-text.ts';

export function fixTitle(subject: string): string {
  return `Revert "${quietLine(subject)}"`;
}

/** Git's own wording, so that other tools recognise a revert; then where it comes from. */
export function fixMessage(subject: string, commit: string, context: RemedyContext): string {
  return [fixTitle(subject), '', `This reverts commit ${commit}.`, '', ...trailers(context)].join('\n');
}

export function undoMessage(number: number, mergeSha: string, context: RemedyContext): string {
  return [
    `Undo pull request #${number}`,
    '',
    `It did not help. This reverts commit ${mergeSha}.`,
    '',
    ...trailers(context),
  ].join('\n');
}

export function fixBody(planned: PlannedRemedy, context: RemedyContext): string {
  return [
    quietMarkdown(planned.preview.summary),
    '',
    '### Why',
    '',
    ...(context.evidence.length === 0
      ? ['_No evidence was recorded._']
      : context.evidence.map(quietEvidence)),
    '',
    ...planned.preview.notes.flatMap((note) => [`> ${quietMarkdown(note)}`]),
    ...(planned.preview.notes.length === 0 ? [] : ['']),
    `**If it does not help:** ${quietMarkdown(planned.preview.undo)}`,
    '',
    ...origin(context),
  ].join('\n');
}

export function undoBody(number: number, mergeSha: string, context: RemedyContext): string {
  return [
    `The fix in #${number} (${mergeSha}) did not help, so this brings back what was there before it.`,
    '',
    ...origin(context),
  ].join('\n');
}

function origin(context: RemedyContext): string[] {
  const title = quietMarkdown(context.incidentTitle);
  const incident = context.incidentUrl === null ? title : `[${title}](${context.incidentUrl})`;
  return [
    '### Where this comes from',
    '',
    `- Incident: ${incident}`,
    ...(context.approvedBy === null ? [] : [`- Approved by: ${quietMarkdown(context.approvedBy)}`]),
    `- Plan: \`${context.planId}\`, digest \`${context.digest}\``,
  ];
}

function trailers(context: RemedyContext): string[] {
  return [`Warroom-Incident: ${context.incidentId}`, `Warroom-Plan: ${context.digest}`];
}

/** The number and the kind are our own markup; what was seen comes from outside. */
function quietEvidence(line: string): string {
  const [ours = '- '] = /^- \*\*Evidence \d+\*\* \([a-z-]+\): |^- /.exec(line) ?? [];
  return `${ours}${quietMarkdown(line.startsWith(ours) ? line.slice(ours.length) : line)}`;
}
