import type { ColumnType, Generated } from 'kysely';
import type { Approval } from '../domain/approval.ts';
import type { EvidenceKind } from '../domain/evidence.ts';
import type { ExecutionState, ExecutionStep } from '../domain/execution.ts';
import type { Claim, FindingKind } from '../domain/finding.ts';
import type { IncidentStatus, Severity, Stage } from '../domain/incident.ts';
import type {
  InvestigationRole,
  InvestigationState,
  InvestigationStep,
  InvestigatorName,
} from '../domain/investigation.ts';
import type { IncidentShape, Lesson } from '../domain/past-incident.ts';
import type { PeerAnswer } from '../domain/peer-question.ts';
import type { PlanState } from '../domain/plan.ts';
import type { Reasoning } from '../domain/reasoning.ts';
import type { RoomItem } from '../domain/room.ts';
import type { Outcome, RootCause } from '../domain/root-cause.ts';
import type { Steer } from '../domain/steer.ts';
import type { Json } from '../platform/canonical-json.ts';
import type { Change } from '../ports/change-source.ts';
import type { KeptTurn } from '../ports/conversations.ts';
import type { Block, Turn } from '../ports/language-model.ts';

/** jsonb: read as the value, written as JSON text (see `toJsonb`), because drivers differ in what they make of arrays. */
type Jsonb<T> = ColumnType<T, string, string>;

/** Tables by their camel-case names; columns are spelled in snake case in the database. */
export interface Database {
  deliveries: DeliveryRow;
  alerts: AlertRow;
  incidents: IncidentRow;
  timeline: TimelineRow;
  investigations: InvestigationRow;
  conversations: ConversationRow;
  conversationTurns: ConversationTurnRow;
  conversationResults: ConversationResultRow;
  evidence: EvidenceRow;
  toolOutputs: ToolOutputRow;
  findings: FindingRow;
  rootCauses: RootCauseRow;
  plans: PlanRow;
  approvals: ApprovalRow;
  executions: ExecutionRow;
  targetLocks: TargetLockRow;
  halts: HaltRow;
  delegations: DelegationRow;
  questions: QuestionRow;
  peerQuestions: PeerQuestionRow;
  steers: Steer;
  outbox: OutboxRow;
  knowledge: KnowledgeRow;
  logBatches: LogBatchRow;
  spanBatches: SpanBatchRow;
  changes: ChangeRow;
  timelineHeads: TimelineHeadRow;
  rowSeals: RowSealRow;
  auditAnchors: AuditAnchorRow;
  auditAnchorHeads: AuditAnchorHeadRow;
  auditKey: AuditKeyRow;
}

interface DeliveryRow {
  id: string;
  source: string;
  body: string;
  reason: string;
  receivedAt: Date;
}

export interface AlertRow {
  id: string;
  fingerprint: string;
  status: 'firing' | 'resolved';
  startsAt: Date;
  endsAt: Date | null;
  labels: Jsonb<Readonly<Record<string, string>>>;
  annotations: Jsonb<Readonly<Record<string, string>>>;
  generatorUrl: string | null;
  incidentId: string | null;
  receivedAt: Date;
}

export interface IncidentRow {
  id: string;
  title: string;
  severity: Severity;
  status: IncidentStatus;
  stage: Stage;
  services: Jsonb<readonly string[]>;
  openedAt: Date;
  startedAt: Date;
  resolvedAt: Date | null;
  channelName: string;
  channelId: string | null;
  declaredBy: string | null;
  /** How many evidence numbers were given out. */
  evidenceCount: Generated<number>;
}

export interface TimelineRow {
  incidentId: string;
  seq: number;
  at: Date;
  kind: string;
  actor: string;
  text: string;
  data: Jsonb<Json>;
  previousHash: string;
  hash: string;
}

export interface InvestigationRow {
  id: string;
  incidentId: string;
  service: string;
  role: InvestigationRole;
  round: number;
  reasons: Jsonb<readonly string[]>;
  score: number;
  state: InvestigationState;
  investigator: InvestigatorName | null;
  steps: Jsonb<readonly InvestigationStep[]>;
  limits: Jsonb<readonly string[]>;
  ruledOut: Jsonb<readonly string[]>;
  nextChecks: Jsonb<readonly string[]>;
  reasoning: ColumnType<Reasoning | null, string | null | undefined, string | null>;
  startedAt: Date | null;
  finishedAt: Date | null;
}

export interface ConversationRow {
  id: string;
  incidentId: string;
  investigationId: string;
  model: string;
  opening: Jsonb<Json>;
  at: Date;
}

export interface ConversationTurnRow {
  conversationId: string;
  number: number;
  state: KeptTurn['state'];
  said: Jsonb<readonly Block[]>;
  purposes: Jsonb<readonly string[]>;
  steers: Jsonb<readonly string[]>;
  shed: number;
  blocks: ColumnType<readonly Block[] | null, string | null | undefined, string | null>;
  stop: Turn['stop'] | null;
  model: string | null;
  inputTokens: number | null;
  cachedTokens: number | null;
  outputTokens: number | null;
  dollars: number | null;
  countedTokens: number;
  countedDollars: number;
  elapsedMs: number;
  at: Date;
}

export interface ConversationResultRow {
  conversationId: string;
  number: number;
  callId: string;
  text: string;
  failed: boolean;
  malformed: boolean;
  /** bigint: drivers differ in what they make of it. */
  place: ColumnType<string, never, never>;
}

export interface EvidenceRow {
  incidentId: string;
  number: number;
  key: string;
  investigationId: string | null;
  kind: EvidenceKind;
  service: string;
  title: string;
  summary: string;
  query: string;
  data: Jsonb<Json>;
  empty: boolean;
  at: Date;
}

export interface ToolOutputRow {
  incidentId: string;
  number: number;
  /** Text, compressed by gzip. */
  body: Uint8Array;
}

export interface FindingRow {
  id: string;
  incidentId: string;
  investigationId: string;
  /** Place among the claims of its investigation. */
  place: number;
  service: string;
  kind: FindingKind;
  text: string;
  evidence: Jsonb<readonly number[]>;
  blames: ColumnType<Claim['blames'] | null, string | null, string | null>;
  proposes: ColumnType<Claim['proposes'] | null, string | null, string | null>;
  confidence: number;
  at: Date;
}

export interface RootCauseRow {
  incidentId: string;
  outcome: Outcome;
  service: string | null;
  commit: ColumnType<RootCause['commit'], string | null, string | null>;
  statement: string;
  proposes: Jsonb<RootCause['proposes']>;
  path: Jsonb<readonly string[]>;
  evidence: Jsonb<readonly number[]>;
  ruledOut: Jsonb<readonly string[]>;
  nextChecks: Jsonb<readonly string[]>;
  open: Jsonb<readonly string[]>;
  at: Date;
}

export interface PlanRow {
  id: string;
  incidentId: string;
  /** Text, not jsonb: the digest is taken of these bytes, and jsonb would reorder them. */
  canonical: string;
  digest: string;
  nonce: string;
  state: PlanState;
  createdBy: string;
  createdAt: Date;
  expiresAt: Date;
  runsAt: Date | null;
}

export interface ApprovalRow {
  id: string;
  planId: string;
  digest: string;
  userId: string;
  decision: Approval['decision'];
  inNameOf: string | null;
  reason: string | null;
  at: Date;
}

export interface StoredReading {
  at: string;
  value: number | null;
}

export interface ExecutionRow {
  id: string;
  planId: string;
  incidentId: string;
  state: ExecutionState;
  steps: Jsonb<readonly ExecutionStep[]>;
  before: ColumnType<StoredReading | null, string | null, string | null>;
  after: ColumnType<StoredReading | null, string | null, string | null>;
  approvedBy: string;
  undoReason: string | null;
  undoingSince: Date | null;
  error: string | null;
  startedAt: Date;
  appliedAt: Date | null;
  finishedAt: Date | null;
}

interface TargetLockRow {
  target: string;
  executionId: string;
  incidentId: string;
  owner: string;
  leasedUntil: Date;
}

export interface HaltRow {
  id: string;
  by: string;
  reason: string;
  at: Date;
  liftedBy: string | null;
  liftedAt: Date | null;
  liftReason: string | null;
}

interface DelegationRow {
  id: string;
  from: string;
  to: string;
  reason: string;
  at: Date;
  until: Date;
  revokedAt: Date | null;
}

export interface QuestionRow {
  id: string;
  incidentId: string;
  planId: string;
  userId: string;
  text: string;
  answer: string | null;
  evidence: Jsonb<readonly number[]>;
  at: Date;
  answeredAt: Date | null;
}

interface PeerQuestionRow {
  id: string;
  incidentId: string;
  round: number;
  from: string;
  to: string;
  text: string;
  evidence: Jsonb<readonly number[]>;
  answer: ColumnType<PeerAnswer | null, string | null, string | null>;
  at: Date;
  answeredAt: Date | null;
  /** When the failure came back and everybody began to look anew. */
  setAsideAt: Date | null;
}

export interface OutboxRow {
  id: string;
  incidentId: string;
  key: string;
  item: Jsonb<RoomItem>;
  version: Generated<number>;
  deliveredVersion: Generated<number>;
  externalId: string | null;
  attempts: Generated<number>;
  /** Place in the order of delivery; a fresh one whenever the entry becomes undelivered. */
  turn: ColumnType<string, never, never>;
  dueAt: Date;
  leasedBy: string | null;
  leasedUntil: Date | null;
  lastError: string | null;
  givenUp: Generated<boolean>;
}

interface KnowledgeRow {
  incidentId: string;
  title: string;
  service: string | null;
  markdown: string;
  at: Date;
  symptoms: Generated<string>;
  /** What can be found of the lesson by words. */
  learned: Generated<string>;
  shape: ColumnType<IncidentShape | null, string | undefined, string>;
  lesson: ColumnType<Lesson | null, string | undefined, string>;
  features: Generated<string[]>;
}

interface LogBatchRow {
  /** bigint: drivers differ in what they make of it. */
  id: ColumnType<string, never, never>;
  service: string;
  firstAt: Date;
  lastAt: Date;
  lines: string;
}

interface SpanBatchRow {
  /** bigint: drivers differ in what they make of it. */
  id: ColumnType<string, never, never>;
  firstAt: Date;
  lastAt: Date;
  spans: string;
}

interface ChangeRow extends Change {
  digest: string;
}

interface TimelineHeadRow {
  stream: string;
  seq: number;
  hash: string;
  mac: string;
}

interface RowSealRow {
  /** Name of the table. */
  relation: string;
  id: string;
  mac: string;
}

interface AuditAnchorRow {
  number: number;
  at: Date;
  streams: number;
  entries: number;
  previous: string;
  digest: string;
}

/** The ends that an anchor listed. */
interface AuditAnchorHeadRow {
  stream: string;
  seq: number;
  hash: string;
  anchor: number;
}

/** One row: which key the record was sealed with. */
interface AuditKeyRow {
  id: Generated<number>;
  mark: string;
}
