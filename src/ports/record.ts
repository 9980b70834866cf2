import type { Alert, RecordedAlert } from '../domain/alert.ts';
import type { Approval, Delegation } from '../domain/approval.ts';
import type { Evidence, Observation } from '../domain/evidence.ts';
import type { Execution } from '../domain/execution.ts';
import type { Claim, Finding } from '../domain/finding.ts';
import type { Halt } from '../domain/halt.ts';
import type { Incident } from '../domain/incident.ts';
import type { Investigation } from '../domain/investigation.ts';
import type { Learned, SimilarIncidents, SimilarQuery } from '../domain/past-incident.ts';
import type { PeerAnswer, PeerQuestion } from '../domain/peer-question.ts';
import type { Plan, PlanState, RemedyKind } from '../domain/plan.ts';
import type { Question } from '../domain/question.ts';
import type { OutboxEntry, RoomItem } from '../domain/room.ts';
import type { RootCause } from '../domain/root-cause.ts';
import type { Steer } from '../domain/steer.ts';
import type { TimelineEntry, TimelineEvent } from '../domain/timeline.ts';
import type { Conversations } from './conversations.ts';

/**
 * The record: rows in PostgreSQL, the one truth. A method on `Rows` outside `transaction` is its own transaction.
 * Every call may throw `RecordUnavailable` (retryable).
 */
export interface Record extends Rows {
  /** All or nothing, serialisable enough for the rules below; `work` may run again after a serialisation failure. */
  transaction<T>(work: (rows: Rows) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface Rows {
  /** The database's clock: expiry is judged by it. Inside `transaction` ask the `rows` given, never the outer record. */
  now(): Promise<Date>;
  readonly deliveries: Deliveries;
  readonly alerts: Alerts;
  readonly incidents: Incidents;
  readonly timeline: Timeline;
  readonly investigations: Investigations;
  readonly conversations: Conversations;
  readonly evidence: EvidenceRows;
  readonly findings: Findings;
  readonly rootCauses: RootCauses;
  readonly plans: Plans;
  readonly executions: Executions;
  readonly targetLocks: TargetLocks;
  readonly halts: Halts;
  readonly delegations: Delegations;
  readonly questions: Questions;
  readonly peerQuestions: PeerQuestions;
  readonly steers: Steers;
  readonly outbox: Outbox;
  readonly knowledge: Knowledge;
}

/** Webhook bodies as they came. */
export interface Deliveries {
  /** Keeps a body that can't be parsed, with the reason, so that nothing is lost. Returns its id. */
  quarantine(source: string, body: string, reason: string): Promise<string>;
  countQuarantined(): Promise<number>;
}

export interface Alerts {
  /** Inserts unless a row with the same fingerprint + startsAt + status exists; `fresh` says which. */
  record(alert: Alert): Promise<{ alert: RecordedAlert; fresh: boolean }>;
  /** Rows (firing and resolved) with this fingerprint + startsAt. */
  episode(fingerprint: string, startsAt: Date): Promise<RecordedAlert[]>;
  assign(alertId: string, incidentId: string): Promise<void>;
  /** Oldest first. */
  ofIncident(incidentId: string): Promise<RecordedAlert[]>;
  /** Alerts that belong to no incident: resolved before anyone saw them fire. */
  unassigned(): Promise<RecordedAlert[]>;
  /** Episodes that fire and have no resolved row, over all incidents. */
  firing(): Promise<RecordedAlert[]>;
}

export interface Incidents {
  /** Serialises grouping: held until the transaction ends, so that two alerts cannot open two incidents. */
  lockGrouping(): Promise<void>;
  insert(incident: Incident): Promise<void>;
  /**
   * Reads the row and holds it until the transaction ends. What decides from an incident's rows and then changes them
   * begins with this: two workers, clicks or alerts cannot both decide from the same past.
   */
  lock(id: string): Promise<Incident | undefined>;
  get(id: string): Promise<Incident | undefined>;
  byChannel(channelId: string): Promise<Incident | undefined>;
  /** Not resolved, newest first. */
  open(): Promise<Incident[]>;
  /** Resolved after `since`, newest first. */
  resolvedSince(since: Date): Promise<Incident[]>;
  /** Newest first. */
  recent(limit: number): Promise<Incident[]>;
  /** Stage is not `done`. */
  unfinished(): Promise<Incident[]>;
  /** Changes the named fields. */
  update(id: string, change: Partial<Omit<Incident, 'id'>>): Promise<void>;
  /** Compare-and-set on the stage; false when another worker was first. */
  moveStage(id: string, from: Incident['stage'], to: Incident['stage']): Promise<boolean>;
}

/** Timeline of what belongs to no incident: halts, delegations. */
export const systemStream = 'system';

export interface Timeline {
  /** Appends with the next `seq`, chained by hash. Rows are never changed: the database refuses it. */
  /** `systemStream` in place of an incident for what belongs to none. */
  append(incidentId: string, event: TimelineEvent): Promise<TimelineEntry>;
  ofIncident(incidentId: string): Promise<TimelineEntry[]>;
}

export interface Investigations {
  /** One per incident and service; an existing one is left as it is. Returns the row that holds. */
  ensure(investigation: Investigation): Promise<Investigation>;
  get(id: string): Promise<Investigation | undefined>;
  /** Highest score first. */
  ofIncident(incidentId: string): Promise<Investigation[]>;
  update(id: string, change: Partial<Omit<Investigation, 'id' | 'incidentId' | 'service'>>): Promise<void>;
}

export interface EvidenceRows {
  /**
   * Keeps an observation under `key` (unique per incident), so that a repeated tool call after a crash gives the same row
   * and number. An existing row is returned unchanged.
   */
  keep(incidentId: string, investigationId: string | null, key: string, seen: Observation): Promise<Evidence>;
  ofIncident(incidentId: string): Promise<Evidence[]>;
  get(incidentId: string, number: number): Promise<Evidence | undefined>;
  /** The whole text of what was seen, cut at 4 MB; undefined where the row itself is all there is. */
  output(incidentId: string, number: number): Promise<string | undefined>;
}

export interface Findings {
  /** Replaces what this investigation said before (a resumed agent states its claims once). */
  state(
    incidentId: string,
    investigationId: string,
    service: string,
    claims: readonly Claim[],
  ): Promise<Finding[]>;
  ofIncident(incidentId: string): Promise<Finding[]>;
}

export interface RootCauses {
  put(rootCause: RootCause): Promise<void>;
  get(incidentId: string): Promise<RootCause | undefined>;
}

export interface Plans {
  insert(plan: Plan): Promise<void>;
  get(id: string): Promise<Plan | undefined>;
  /** Newest first. */
  ofIncident(incidentId: string): Promise<Plan[]>;
  /** Compare-and-set; false when the plan was not in `from`. */
  move(id: string, from: PlanState, to: PlanState): Promise<boolean>;
  /** Compare-and-set to `approved` for an announced plan whose moment has come by the database's clock. */
  begin(id: string): Promise<boolean>;
  /** Pending plans whose time is over by the database's clock. */
  overdue(): Promise<Plan[]>;
  /** All pending plans, oldest first. */
  pending(): Promise<Plan[]>;
  /**
   * Serialises plans that run by themselves until the transaction ends, and counts those of this service since then. The
   * cap on their rate is judged by it.
   */
  countSelfRuns(service: string, since: Date): Promise<number>;
  /** Rejections of plans with a remedy of this kind on this service, of every incident, newest first. */
  rejections(service: string, kind: RemedyKind, limit: number): Promise<{ plan: Plan; approval: Approval }[]>;
  recordApproval(approval: Approval): Promise<void>;
  approvals(planId: string): Promise<Approval[]>;
}

export interface Executions {
  /** One per plan: the intent. An existing one is returned. */
  ensure(execution: Execution): Promise<Execution>;
  get(id: string): Promise<Execution | undefined>;
  ofPlan(planId: string): Promise<Execution | undefined>;
  ofIncident(incidentId: string): Promise<Execution[]>;
  update(id: string, change: Partial<Omit<Execution, 'id' | 'planId' | 'incidentId'>>): Promise<void>;
}

/** One execution at a time acts on a target; the lease says that its process is alive. */
export interface TargetLocks {
  /**
   * All of them for `executionId`, or none. `owner` has them for `leaseMs`; another owner of the same execution gets them
   * only after that.
   * @returns null when they are ours now; otherwise the incident of who has one, or our own when an earlier owner of this
   * execution may still be alive
   */
  acquire(
    targets: readonly string[],
    lease: { executionId: string; incidentId: string; owner: string; leaseMs: number },
  ): Promise<{ heldBy: string } | null>;
  /** False when the lease was lost: stop. */
  renew(executionId: string, owner: string, leaseMs: number): Promise<boolean>;
  /** Ends the lease of this owner; the execution keeps its targets. */
  yield(executionId: string, owner: string): Promise<void>;
  release(executionId: string): Promise<void>;
}

export interface Halts {
  active(): Promise<Halt | undefined>;
  /** The same inside a transaction, and keeps one from being raised until it ends: what begins after a halt does not begin. */
  holdOff(): Promise<Halt | undefined>;
  /** An active one stays as it is; returns the one in force. */
  raise(halt: Pick<Halt, 'id' | 'by' | 'reason'>): Promise<Halt>;
  /** False when none was in force. */
  lift(by: string, reason: string): Promise<boolean>;
}

export interface Delegations {
  insert(delegation: Delegation): Promise<void>;
  /** In force now, by the database's clock. */
  active(): Promise<Delegation[]>;
  /** Ends everything that this person handed on; returns how many. */
  revokeFrom(userId: string): Promise<number>;
}

export interface Questions {
  insert(question: Question): Promise<void>;
  get(id: string): Promise<Question | undefined>;
  /** Without an answer, oldest first. */
  open(): Promise<Question[]>;
  ofIncident(incidentId: string): Promise<Question[]>;
  /** False when it was answered before. */
  answer(id: string, answer: string, evidence: readonly number[]): Promise<boolean>;
}

/** The blackboard of an incident's agents. What was asked of an earlier failure is set aside and no longer returned. */
export interface PeerQuestions {
  /** Inserts unless the same service asked the same of the same before. Returns the row that holds. */
  ensure(question: PeerQuestion): Promise<PeerQuestion>;
  /** Oldest first. */
  ofIncident(incidentId: string): Promise<PeerQuestion[]>;
  /** False when it was answered before. */
  answer(id: string, answer: PeerAnswer): Promise<boolean>;
  /** The failure came back, and everybody looks anew. */
  setAside(incidentId: string): Promise<void>;
}

export interface Steers {
  /** False when this message is a row already. */
  ensure(steer: Steer): Promise<boolean>;
  /** Oldest first. */
  ofInvestigation(investigationId: string): Promise<Steer[]>;
}

/**
 * What Slack should show. `put` states what a key should look like now; delivery posts it once and edits it after, in
 * the order in which keys first appeared in their incident.
 */
export interface Outbox {
  /** Same item as before: nothing happens. */
  put(incidentId: string, key: string, item: RoomItem): Promise<void>;
  /**
   * Takes the oldest undelivered entry of an incident that no one else is delivering, for `leaseMs`; undefined when
   * there is none due. Entries of one incident are handed out one at a time.
   */
  claim(owner: string, leaseMs: number): Promise<OutboxEntry | undefined>;
  /**
   * Delivered up to `version`; a newer version in the meantime stays due. This and the two below act only while `owner`
   * has the lease: who lost it to another deliverer has no say any more.
   */
  delivered(id: string, owner: string, version: number, externalId: string | null): Promise<void>;
  /** Gives it back, to be tried again after `retryAfterMs`; later entries of the incident wait behind it. */
  postpone(id: string, owner: string, retryAfterMs: number, reason: string): Promise<void>;
  /** Will never work: kept with its reason, no longer in the way. */
  giveUp(id: string, owner: string, reason: string): Promise<void>;
  ofIncident(incidentId: string): Promise<OutboxEntry[]>;
}

export interface KnowledgeEntry {
  readonly incidentId: string;
  readonly title: string;
  readonly service: string | null;
  readonly markdown: string;
  readonly at: Date;
}

export interface Knowledge {
  /** One per incident, the latest. Without `learned`, what was learned of it before stays. */
  put(entry: KnowledgeEntry, learned?: Learned): Promise<void>;
  get(incidentId: string): Promise<KnowledgeEntry | undefined>;
  /** Incidents whose entry is of before shapes and lessons were kept, newest first. */
  unlearned(limit: number): Promise<string[]>;
  /** Past incidents that resemble it, best first; none when none does. The same rows and query give the same answer. */
  similar(query: SimilarQuery, limit: number): Promise<SimilarIncidents>;
}
