import type { FindingKind } from '../../domain/finding.ts';
import type { IncidentStatus, Severity } from '../../domain/incident.ts';
import type { InvestigationState, InvestigatorName } from '../../domain/investigation.ts';
import type { Outcome } from '../../domain/root-cause.ts';

/**
 * One sign for one idea on every card. Colour circles mean severity and nothing else; ✅ means that something is well, ✓ that
 * a step is done.
 */
export const severityMark: Record<Severity, string> = { sev1: '🔴', sev2: '🟠', sev3: '🟡', sev4: '🔵' };

export const statusWord: Record<IncidentStatus, string> = {
  investigating: '🔍 Investigating',
  identified: '💡 Cause identified',
  mitigating: '🛠️ Fix under way',
  monitoring: '👀 Fix applied, watching the alert',
  resolved: '✅ Resolved',
};

export const agentMark: Record<InvestigationState, string> = {
  queued: '🕐',
  running: '🔍',
  finished: '✓',
  failed: '⚠️',
};

export const findingMark: Record<FindingKind, string> = {
  symptom: '📈',
  blame: '➡️',
  cause: '💡',
  healthy: '✅',
  partial: '⏸️',
};

export const outcomeWord: Record<Outcome, string> = {
  confirmed: '💡 Root cause confirmed',
  likely: '💡 Likely root cause',
  inconclusive: '🔍 No root cause proven yet',
};

export const investigatorWord: Record<InvestigatorName, string> = {
  evidence: 'Investigated by the evidence engine, no model',
  claude: 'Investigated by Claude, claims without evidence dropped',
};

/** `inconclusive` and `likely` are said as such; a number alone would promise more than it knows. */
export function confidenceWord(confidence: number): string {
  const percent = `${Math.round(Math.min(1, Math.max(0, confidence)) * 100)} %`;
  if (confidence >= 0.8) return `high confidence (${percent})`;
  return confidence >= 0.5 ? `medium confidence (${percent})` : `low confidence (${percent})`;
}
