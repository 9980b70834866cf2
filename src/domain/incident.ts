export type Severity = 'sev1' | 'sev2' | 'sev3' | 'sev4';

/** What people in the channel read. */
export type IncidentStatus = 'investigating' | 'identified' | 'mitigating' | 'monitoring' | 'resolved';

/**
 * Where the story stands; each value names the folder or file in `src/flow` that acts next. `reconcile` reads it to make
 * a lost job again.
 */
export type Stage =
  | 'triage'
  | 'investigation'
  | 'root-cause'
  | 'planning'
  | 'approval'
  | 'execution'
  | 'verification'
  | 'rollback'
  | 'learning'
  | 'done';

export interface Incident {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly status: IncidentStatus;
  readonly stage: Stage;
  /** Services named by the alerts or by the person who declared it, first one first. */
  readonly services: readonly string[];
  readonly openedAt: Date;
  /** Earliest `startsAt` of its alerts; equals `openedAt` for a declared one. */
  readonly startedAt: Date;
  readonly resolvedAt: Date | null;
  readonly channelName: string;
  readonly channelId: string | null;
  /** Slack user id of who declared it; null when an alert did. */
  readonly declaredBy: string | null;
}

const after: Record<IncidentStatus, readonly IncidentStatus[]> = {
  investigating: ['identified', 'mitigating', 'monitoring', 'resolved'],
  identified: ['investigating', 'mitigating', 'monitoring', 'resolved'],
  mitigating: ['investigating', 'identified', 'monitoring', 'resolved'],
  monitoring: ['investigating', 'identified', 'mitigating', 'resolved'],
  resolved: ['investigating'],
};

export function mayBecome(from: IncidentStatus, to: IncidentStatus): boolean {
  return after[from].includes(to);
}

/**
 * The same incident always gets the same channel name, so a channel created by a process that died can be found again.
 * At most 80 characters of a–z, 0–9 and '-', as Slack demands.
 */
export function channelNameFor(id: string, title: string, openedAt: Date): string {
  const day = openedAt.toISOString().slice(0, 10).replaceAll('-', '');
  const slug = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return ['inc', day, slug, id.slice(-5)].filter((part) => part !== '').join('-');
}
