import type { PlannedRemedy } from '../../domain/plan.ts';
import type { RemedyContext } from '../../ports/remedy.ts';
import { quietMarkdown } from './quiet-text.ts';

/** Subject, paragraphs, and where it comes from. */
export function changeMessage(title: string, paragraphs: readonly string[], context: RemedyContext): string {
  return [title, '', ...paragraphs.flatMap((text) => [text, '']), ...trailers(context)].join('\n');
}

export function undoMessage(number: number, mergeSha: string, context: RemedyContext): string {
  const why = `It did not help. This reverts commit ${mergeSha}.`;
  return changeMessage(`Undo pull request #${number}`, [why], context);
}

export function changeBody(planned: PlannedRemedy, context: RemedyContext): string {
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
    ...measuredLines(planned),
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

function measuredLines({ preview: { measured } }: PlannedRemedy): string[] {
  if (measured === null) return [];
  return [
    `**Tried before** (${quietMarkdown(measured.what)})`,
    '',
    `- Before: ${quietMarkdown(measured.before)}`,
    `- After: ${quietMarkdown(measured.after)}`,
    '',
  ];
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
