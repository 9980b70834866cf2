import type { Answerer } from '../agents/answer-question.ts';
import type { Investigator, Sources } from '../agents/investigator.ts';
import type { Policy } from '../config/policy.ts';
import type { Catalogue } from '../domain/service.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Links } from '../platform/signed-links.ts';
import type { AlertSource } from '../ports/alert-source.ts';
import type { AuditAnchors } from '../ports/audit.ts';
import type { CodeHost } from '../ports/code-host.ts';
import type { Directory } from '../ports/directory.ts';
import type { Record } from '../ports/record.ts';
import type { RemedyRegistry } from '../ports/remedy.ts';
import type { TelemetryStore } from '../ports/telemetry-store.ts';
import type { WorkQueue } from '../ports/work-queue.ts';

/** What every stage may use; `compose.ts` fills it. Null means that it is not configured: the stage says so. */
export interface FlowContext {
  readonly record: Record;
  readonly catalogue: Catalogue;
  readonly policy: Policy;
  readonly sources: Sources;
  readonly telemetry: TelemetryStore;
  /** The one that speaks for suspects. */
  readonly investigator: Investigator;
  /** The deterministic one: neighbours, and the fallback when a model fails. */
  readonly evidence: Investigator;
  /** Answers questions about plans. */
  readonly answerer: Answerer;
  readonly alertSource: AlertSource | null;
  readonly remedies: RemedyRegistry;
  readonly audit: AuditAnchors;
  readonly codeHost: CodeHost | null;
  readonly directory: Directory | null;
  readonly queue: WorkQueue;
  readonly links: Links;
  readonly clock: Clock;
  readonly log: Log;
}
