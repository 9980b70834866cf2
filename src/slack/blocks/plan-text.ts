import type { PlanBody } from '../../domain/plan.ts';
import { showHidden } from './mrkdwn.ts';

/** The whole plan for a file: every word of what is approved, what cannot be seen made visible. */
export function planAsText(body: PlanBody, digest: string): string {
  const lines = [
    `Plan ${body.planId} for ${body.service}`,
    `sha256 ${digest}`,
    `Risk: ${body.risk.class}${body.risk.reasons.map((reason) => `; ${reason}`).join('')}`,
    `Verified by: ${body.verification.alert}: ${body.verification.expression}`,
    'Characters that cannot be seen are written as ⟨U+…⟩.',
  ];
  for (const [index, remedy] of body.remedies.entries()) {
    lines.push(
      '',
      `=== ${index + 1} of ${body.remedies.length}: ${remedy.kind} on ${remedy.service}`,
      remedy.preview.summary,
      ...Object.entries(remedy.params).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`),
      ...Object.entries(remedy.pins).map(([key, value]) => `  only while ${key}: ${value}`),
      ...remedy.preview.notes.map((note) => `  note: ${note}`),
      `  undo: ${remedy.preview.undo}`,
      '',
      remedy.preview.diff,
    );
  }
  return showHidden(lines.join('\n'));
}
