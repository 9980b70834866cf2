import type { Click } from '../domain/approval.ts';
import type { Incident, Severity } from '../domain/incident.ts';
import type { IncidentView } from '../domain/room.ts';
import type { DecisionAnswer } from '../flow/approval.ts';

/** What people can ask of the flow from Slack; the composer connects these. */
export interface FlowActions {
  decide(click: Click): Promise<DecisionAnswer>;
  declare(request: {
    title: string;
    severity: Severity;
    services: readonly string[];
    userId: string;
  }): Promise<Incident>;
  resolve(request: {
    incidentId: string;
    userId: string;
    note: string;
  }): Promise<'resolved' | 'already-resolved'>;
  /** One incident, or all open ones when `incidentId` is null. */
  status(incidentId: string | null): Promise<readonly IncidentView[]>;
}
