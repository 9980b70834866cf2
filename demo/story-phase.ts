import type { IncidentOnWire } from './bot-process.ts';

export type Phase =
  | 'waiting for the alert'
  | 'finding the root cause'
  | 'making a plan'
  | 'waiting for a decision'
  | 'carrying out the fix'
  | 'resolving and drafting the postmortem'
  /** Nothing more happens by itself. */
  | 'stuck'
  | 'done';

/** Where the story of an incident stands for somebody who watches it. */
export function phaseOf(file: IncidentOnWire | null): Phase {
  if (file === null) return 'waiting for the alert';
  if (file.incident.stage === 'done') return 'done';
  if (file.incident.status === 'resolved') return 'resolving and drafting the postmortem';
  if (file.rootCause === null) return 'finding the root cause';
  const plan = file.plans.at(-1);
  if (plan === undefined)
    return file.timeline.some((entry) => entry.kind === 'plan.none') ? 'stuck' : 'making a plan';
  switch (plan.state) {
    case 'pending':
      return 'waiting for a decision';
    case 'announced':
    case 'approved':
    case 'executing':
    case 'executed':
    case 'undoing':
      return 'carrying out the fix';
    case 'verified':
    case 'unverified':
    case 'void':
      return 'resolving and drafting the postmortem';
    case 'rejected':
    case 'expired':
    case 'failed':
    case 'rolled-back':
      return 'stuck';
    default:
      return plan.state satisfies never;
  }
}
