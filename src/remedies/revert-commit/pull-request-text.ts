import type { PlannedRemedy } from '../../domain/plan.ts';
import type { RemedyContext } from '../../ports/remedy.ts';

/** Git's own wording, so that other tools recognise a revert; then where it comes from. */
export function fixMessage(subject: string, commit: string, context: RemedyContext): string {
  return [`Revert "${subject}"`, '', `This reverts commit ${commit}.`, '', ...trailers(context)].join('\n');
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
    planned.preview.summary,
    '',
    '### Why',
    '',
    ...(context.evidence.length === 0 ? ['_No evidence was recorded._'] : context.evidence.map(quietly)),
    '',
    ...planned.preview.notes.flatMap((note) => [`> ${quietly(note)}`]),
    ...(planned.preview.notes.length === 0 ? [] : ['']),
    `**If it does not help:** ${planned.preview.undo}`,
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
  const incident =
    context.incidentUrl === null
      ? quietly(context.incidentTitle)
      : `[${quietly(context.incidentTitle).replace(/[[\]]/g, '')}](${context.incidentUrl})`;
  return [
    '### Where this comes from',
    '',
    `- Incident: ${incident}`,
    ...(context.approvedBy === null ? [] : [`- Approved by: ${quietly(context.approvedBy)}`]),
    `- Plan: \`${context.planId}\`, digest \`${context.digest}\``,
  ];
}

function trailers(context: RemedyContext): string[] {
  return [`Warroom-Incident: ${context.incidentId}`, `Warroom-Plan: ${context.digest}`];
}

/**
 * Text from alerts and logs must not call people, close issues or carry markup: a zero-width space after `@` and `#`
 * keeps GitHub from reading them.
 */
function quietly(text: string): string {
  return text
    .replaceAll('<', '&lt;')
    .replace(/@(?=\w)/g, '@\u200b')
    .replace(/#(?=\d)/g, '#\u200b');
}
