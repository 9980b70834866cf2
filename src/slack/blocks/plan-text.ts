import type { PlanBody, PlannedRemedy } from '../../domain/plan.ts';
import { showHidden } from './mrkdwn.ts';

/** The whole plan for a file: every word of what is approved, what cannot be seen made visible. */
export function planAsText(body: PlanBody, digest: string): string {
  const lines = [
    `Plan ${body.planId} for ${body.service}, incident ${body.incidentId}`,
    `sha256 ${digest}`,
    `Risk: ${body.risk.class}${body.risk.reasons.map((reason) => `; ${reason}`).join('')}`,
    ...(body.tainted ? ['Rests on text that the public can write.'] : []),
    ...(body.requestedBy.length > 0 ? [`Asked for by ${body.requestedBy.join(', ')}`] : []),
    `Because of evidence ${body.evidence.join(', ') || '(none)'}`,
    `Verified by: ${body.verification.alert}: ${body.verification.expression} ${JSON.stringify(body.verification.series)}`,
    ...body.history.map((said) => `Said of the same fix before: ${said}`),
    'Characters that cannot be seen are written as ⟨U+…⟩.',
  ];
  if (body.remedies.length > 1) lines.push('Steps run in this order and stop at the first that fails.');
  for (const [index, remedy] of body.remedies.entries()) {
    lines.push('', `=== ${index + 1} of ${body.remedies.length}: ${remedy.kind} on ${remedy.service}`);
    lines.push(...stepLines(remedy));
  }
  return showHidden(lines.join('\n'));
}

function stepLines({ params, pins, preview }: PlannedRemedy): string[] {
  const { measured } = preview;
  return [
    preview.summary,
    ...Object.entries(params).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
    ...Object.entries(pins).map(([key, value]) => `  only while ${key}: ${value}`),
    ...preview.notes.map((note) => `  note: ${note}`),
    ...(measured === null
      ? []
      : [`  measured: ${measured.what}`, `  before: ${measured.before}`, `  after: ${measured.after}`]),
    `  undo: ${preview.undo}`,
    '',
    preview.diff,
  ];
}
