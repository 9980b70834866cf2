import type { RecordedAlert } from '../domain/alert.ts';
import type { Evidence, Observation } from '../domain/evidence.ts';
import type { Claim } from '../domain/finding.ts';
import type { Incident } from '../domain/incident.ts';
import type { InvestigationRole, InvestigatorName } from '../domain/investigation.ts';
import type { PeerAnswer, PeerQuestion } from '../domain/peer-question.ts';
import type { Reasoning } from '../domain/reasoning.ts';
import type { Catalogue, Service } from '../domain/service.ts';
import type { Steer } from '../domain/steer.ts';
import type { ChangeSource } from '../ports/change-source.ts';
import type { DatabaseInspector, StatementReader } from '../ports/database.ts';
import type { DatabaseQueries } from '../ports/database-queries.ts';
import type { IndexTrial } from '../ports/index-trial.ts';
import type { LogSource } from '../ports/log-source.ts';
import type { MetricSource } from '../ports/metric-source.ts';
import type { QueryChecker } from '../ports/query-checker.ts';
import type { Knowledge } from '../ports/record.ts';
import type { ReplicaSeeds } from '../ports/replica-seeds.ts';
import type { SandboxProvider } from '../ports/sandbox.ts';
import type { SourceControl } from '../ports/source-control.ts';
import type { SymbolReader } from '../ports/symbol-reader.ts';
import type { TraceSource } from '../ports/trace-source.ts';
import type { WrittenPatch } from './patch/written-patch.ts';

/** What a resident agent may look at. All read-only; absent sources are null and said in `limits`. */
export interface Sources {
  readonly metrics: MetricSource | null;
  readonly logs: LogSource;
  readonly traces: TraceSource;
  readonly source: SourceControl;
  readonly sandbox: SandboxProvider;
  /** Schema and plans of services' own databases. */
  readonly databases: DatabaseInspector | null;
  /** Rows of those databases that the catalogue opens; without it agents read none. */
  readonly queries?: DatabaseQueries;
  /** Reads code by its grammar; without it names are found as words. */
  readonly symbols?: SymbolReader;
  /** Checks PromQL before it is sent; without it no expression of a model is. */
  readonly queryChecker?: QueryChecker;
  /** What a statement asks of its tables. */
  readonly statements: StatementReader | null;
  /** Tries indexes on a synthetic replica; without it agents do not. */
  readonly indexTrial?: IndexTrial;
  /** Makes what a PostgreSQL beside a sandbox begins with. */
  readonly seeds?: ReplicaSeeds;
  /** What was learned from past incidents; without it agents do not compare. */
  readonly past?: Pick<Knowledge, 'similar'>;
  /** Changes beside the code; without it agents know commits alone. */
  readonly changes?: ChangeSource;
}

export interface Assignment {
  readonly incident: Incident;
  readonly alerts: readonly RecordedAlert[];
  readonly service: Service;
  readonly role: InvestigationRole;
  readonly catalogue: Catalogue;
  readonly now: Date;
  /** The row that this look belongs to; without it nothing of a conversation is kept. */
  readonly investigation?: { readonly id: string; readonly round: number };
  /** What other services' agents ask of this one and nobody has answered yet. */
  readonly asked?: readonly PeerQuestion[];
}

/** How an agent asks another service's while it looks. Rows, never transcripts. */
export interface Peers {
  /**
   * Answered already when the other's agent has stated what answers it.
   * @throws RangeError past the bounds, or when none of the evidence exists
   */
  ask(question: {
    readonly to: string;
    readonly text: string;
    readonly evidence: readonly number[];
  }): Promise<PeerQuestion>;
  /** Keeps what a look at the other showed. */
  keep(key: string, seen: Observation): Promise<Evidence>;
  /** Once; an answer that came before stays. */
  answer(question: PeerQuestion, answer: PeerAnswer): Promise<void>;
}

/** How an agent tells what it does; each call is durable before it returns. */
export interface Notebook {
  /** Keeps an observation as an evidence row; the same key gives the same row again after a restart. */
  keep(key: string, seen: Observation): Promise<Evidence>;
  /** A step for the thread: running, then done or failed. */
  step(key: string, text: string, state: 'running' | 'done' | 'failed'): Promise<void>;
  /** Something this run could not do, in plain words. */
  limit(text: string): Promise<void>;
  /** States claims before the run ends, so that the room hears them early; the final report replaces them. */
  report(claims: readonly Claim[]): Promise<void>;
  /** Evidence kept so far in this incident, by every agent. */
  evidence(): Promise<Evidence[]>;
  /** The whole text behind a row, where there is more than the row shows; absent: nothing is kept beside rows. */
  output?(number: number): Promise<string | undefined>;
  /** Absent where nobody can be asked. */
  readonly peers?: Peers;
  /** What people wrote to this agent in its thread since it began, oldest first. */
  steers(): Promise<Steer[]>;
}

/** Which limit ended a look before its end. */
export interface StoppedEarly {
  readonly limit: 'turns' | 'tokens' | 'dollars' | 'minutes';
  /** Whose limit: the agent's own, or that of all agents of the incident together. */
  readonly of: 'agent' | 'incident';
  /** One sentence: where it stopped, what was seen, what comes next. */
  readonly sentence: string;
}

export interface Report {
  readonly claims: readonly Claim[];
  readonly ruledOut: readonly string[];
  readonly nextChecks: readonly string[];
  readonly reasoning?: Reasoning;
  /** A fix that it wrote; code tries it before anybody is offered it. */
  readonly patch?: WrittenPatch;
  /** To `asked` of the assignment; where there is none, code answers from the claims. */
  readonly answers?: readonly (PeerAnswer & { readonly questionId: string })[];
  /** Set when a limit ended it; its claims then have a finding of kind `partial` among them. */
  readonly stopped?: StoppedEarly;
}

/** One of the two who can speak. It reports typed claims that cite evidence; code judges them. */
export interface Investigator {
  readonly name: InvestigatorName;
  investigate(assignment: Assignment, notebook: Notebook, signal: AbortSignal): Promise<Report>;
}
