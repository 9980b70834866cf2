import type { Act } from '../domain/audit-act.ts';
import type { Anchor } from '../domain/audit-anchor.ts';
import type { AuditProblem, AuditReport } from '../domain/audit-report.ts';

/** Makes anchors: digests over the ends of all timelines, to be kept outside the database. */
export interface AuditAnchors {
  /**
   * Anchors what moved since the newest anchor; a cheap look at all ends, whose cost grows with the number of incidents.
   * @param minAgeMs nothing happens while the newest anchor is younger, by the database's clock
   */
  anchor(minAgeMs: number): Promise<Anchoring>;
}

export interface Anchoring {
  /** To be posted and logged outside; null when it was too soon or nothing had moved. */
  readonly anchor: Anchor | null;
  /** Ends that were tampered with, seen in passing; people must hear of them. They stay out of the anchor. */
  readonly alarms: readonly AuditProblem[];
}

/** The audit's operator side: reads one snapshot of the record, and changes and migrates nothing. */
export interface AuditDesk {
  /** @param anchor a digest that was kept outside: the record must still extend it */
  verify(anchor: string | null): Promise<AuditReport>;
  /** False when no timeline has this name. */
  hasStream(incidentId: string): Promise<boolean>;
  /** Oldest first, over all timelines. */
  acts(filter: { readonly since: Date | null; readonly incidentId: string | null }): AsyncIterable<Act>;
  close(): Promise<void>;
}
