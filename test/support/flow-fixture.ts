import { createPromqlChecker } from '../../src/adapters/lezer-promql/promql-checker.ts';
import { recordAnswerer } from '../../src/agents/answer-question.ts';
import type { Assignment, Investigator, Notebook, Report } from '../../src/agents/investigator.ts';
import { parseCatalogue } from '../../src/config/catalogue.ts';
import type { Policy } from '../../src/config/policy.ts';
import type { Person } from '../../src/domain/approval.ts';
import type { Stage } from '../../src/domain/incident.ts';
import type { Catalogue } from '../../src/domain/service.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { advance, answerQuestion, investigate, recordShown } from '../../src/flow/index.ts';
import { type Clock, systemClock } from '../../src/platform/clock.ts';
import { SourceUnreachable } from '../../src/platform/errors.ts';
import { silentLog } from '../../src/platform/log.ts';
import { createLinks } from '../../src/platform/signed-links.ts';
import type { MetricSource, Sample } from '../../src/ports/metric-source.ts';
import type { AgentWork, WorkQueue } from '../../src/ports/work-queue.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from './audit-key.ts';
import { aCatalogue } from './builders.ts';
import { createTestDatabase, type TestDatabase } from './databases.ts';
import { registryOf, SwitchRemedy } from './switch-remedy.ts';

/** A queue that keeps what was put and runs it when the test says so, each piece once, as BullMQ's job ids do. */
export class HeldQueue implements WorkQueue {
  readonly waiting = new Map<string, (flow: FlowContext, signal: AbortSignal) => Promise<void>>();
  readonly running = new Set<string>();
  down = false;
  /** Slack takes every message at once, unless it is away. */
  slackAway = false;
  #process = new AbortController();

  async advance(incidentId: string, stage: Stage): Promise<void> {
    if (this.down) throw new SourceUnreachable('Redis is down.', 'Wait.');
    this.put(`${stage}-${incidentId}`, (flow, signal) => advance(flow, stage, incidentId, signal));
  }

  async fanOut(incidentId: string, investigations: readonly AgentWork[]): Promise<void> {
    if (this.down) throw new SourceUnreachable('Redis is down.', 'Wait.');
    this.put(`agents-${incidentId}`, async (flow, signal) => {
      await Promise.all(investigations.map(({ id }) => investigate(flow, id, signal)));
      await this.advance(incidentId, 'root-cause');
    });
  }

  async investigate(investigations: readonly AgentWork[]): Promise<void> {
    if (this.down) throw new SourceUnreachable('Redis is down.', 'Wait.');
    for (const { id, round } of investigations)
      this.put(`investigate-${id}-${round}`, (flow, signal) => investigate(flow, id, signal));
  }

  async answer(questionId: string): Promise<void> {
    if (this.down) throw new SourceUnreachable('Redis is down.', 'Wait.');
    this.put(`answer-${questionId}`, (flow, signal) => answerQuestion(flow, questionId, signal));
  }

  private put(id: string, job: (flow: FlowContext, signal: AbortSignal) => Promise<void>): void {
    if (!this.running.has(id)) this.waiting.set(id, job);
  }

  /** Runs until nothing is left to do. */
  async drain(flow: FlowContext): Promise<void> {
    const { signal } = this.#process;
    for (;;) {
      signal.throwIfAborted();
      const [next] = this.waiting;
      if (next === undefined) {
        if (!this.slackAway) await deliverAll(flow);
        return;
      }
      // The id stays taken while the job runs: what is put under it meanwhile is dropped, as BullMQ does.
      const [id, run] = next;
      this.running.add(id);
      this.waiting.delete(id);
      // Slack does not wait for a job to end: what is announced is on the screen before its moment comes.
      if (id.startsWith('approval-') && !this.slackAway) await deliverAll(flow);
      try {
        await run(flow, signal);
      } finally {
        this.running.delete(id);
      }
    }
  }

  /** What losing Redis does. */
  flush(): void {
    this.waiting.clear();
  }

  /** What ending the worker does: the job that it runs stops where it waits, and `drain` throws. Jobs are gone too. */
  kill(): void {
    this.flush();
    this.#process.abort();
    this.#process = new AbortController();
  }
}

/** What the deliverer does when Slack takes everything. */
export async function deliverAll(flow: FlowContext): Promise<void> {
  for (;;) {
    const entry = await flow.record.outbox.claim('test', 10_000);
    if (entry === undefined) return;
    const { item } = entry;
    const ts = entry.externalId ?? `ts-${entry.id}`;
    if (item.type === 'message' && item.view.view === 'plan') {
      await recordShown(flow, item.view.planId, { channelId: 'C1', ts });
    }
    await flow.record.outbox.delivered(entry.id, 'test', entry.version, ts);
  }
}

/** Answers each PromQL text from a table; absent means no series. */
export class TableMetrics implements MetricSource {
  readonly values = new Map<string, Sample[]>();
  rule = 'error_ratio > 0.1';

  async instant(expression: string): Promise<Sample[]> {
    return this.values.get(expression) ?? [];
  }
  async range() {
    return [];
  }
  async alertRules(name: string) {
    return [{ name, expression: this.rule, labels: {}, annotations: {} }];
  }
  async metricNames() {
    return [];
  }

  /** What the alert's expression reads from now on, for service `ledger`. */
  set(ratio: number | null): void {
    const sample = { labels: { service: 'ledger' }, value: ratio };
    this.values.set('error_ratio', ratio === null ? [] : [sample]);
    this.values.set(this.rule, ratio !== null && ratio > 0.1 ? [sample] : []);
  }
}

export interface FlowFixture {
  readonly flow: FlowContext;
  readonly queue: HeldQueue;
  readonly remedy: SwitchRemedy;
  readonly metrics: TableMetrics;
  readonly people: Map<string, Person>;
  readonly groups: Map<string, string[]>;
  readonly databaseUrl: string;
  close(): Promise<void>;
}

export interface FlowOptions {
  readonly catalogue?: Catalogue;
  readonly investigator?: Investigator;
  readonly policy?: Partial<Policy>;
  /** In place of the clocks of the database and the process. */
  readonly clock?: Clock;
  /** A database that is there already and stays; several processes may work on it. */
  readonly databaseUrl?: string;
}

let migrated: Promise<TestDatabase> | undefined;

/** Brought up to this version once a test file: copying it is quicker than migrating each. */
function migratedDatabase(): Promise<TestDatabase> {
  migrated ??= (async () => {
    const database = await createTestDatabase();
    const store = await openRecord({ databaseUrl: database.url, dataDir: null, auditKey });
    await store.close();
    return database;
  })();
  return migrated;
}

/** The flow on a database of its own in a real PostgreSQL, with held work and stand-ins for everything outside. */
export async function openFlow(options: FlowOptions = {}): Promise<FlowFixture> {
  const { clock, databaseUrl } = options;
  const database = databaseUrl === undefined ? await createTestDatabase(await migratedDatabase()) : null;
  const url = database?.url ?? databaseUrl ?? '';
  const store = await openRecord({
    databaseUrl: url,
    dataDir: null,
    auditKey,
    ...(clock === undefined ? {} : { clock }),
  });
  const queue = new HeldQueue();
  const remedy = new SwitchRemedy();
  const metrics = new TableMetrics();
  metrics.set(0.4);
  const people = new Map<string, Person>([
    ['U-APPROVER', { id: 'U-APPROVER', name: 'Ana', kind: 'member' }],
    ['U-OTHER', { id: 'U-OTHER', name: 'Ben', kind: 'member' }],
  ]);
  const groups = new Map<string, string[]>([['U-APPROVER', ['U-APPROVER']]]);
  const evidence = options.investigator ?? blameOneCommit();
  const flow: FlowContext = {
    record: store.record,
    catalogue: options.catalogue ?? aCatalogue({ shopfront: ['ledger'], ledger: [], mailer: [] }),
    policy: {
      ...policyOf(),
      verificationTimeoutSeconds: 2,
      verificationIntervalSeconds: 0.02,
      ...options.policy,
    },
    sources: {
      metrics,
      logs: store.telemetry,
      traces: store.telemetry,
      changes: store.telemetry,
      source: unreachableSource(),
      databases: null,
      statements: null,
      queryChecker: createPromqlChecker(),
      past: store.record.knowledge,
      sandbox: {
        unavailable: async () => 'no Docker in this test',
        open: refuse,
        sweep: async () => 0,
        close: async () => undefined,
      },
    },
    telemetry: store.telemetry,
    investigator: evidence,
    evidence,
    answerer: recordAnswerer,
    audit: store.audit,
    alertSource: null,
    remedies: registryOf(remedy),
    codeHost: null,
    directory: {
      person: async (id) => people.get(id) ?? { id, name: id, kind: 'member' },
      members: async (refs) =>
        new Set(refs.flatMap((ref) => groups.get(ref) ?? (ref.startsWith('U') ? [ref] : []))),
    },
    queue,
    links: createLinks('http://warroom.example', 'secret-of-this-test'),
    clock: clock ?? systemClock,
    log: silentLog,
  };
  const close = async (): Promise<void> => {
    await store.close();
    await database?.drop();
  };
  return { flow, queue, remedy, metrics, people, groups, databaseUrl: url, close };
}

/** Says at once, with two kinds of evidence, that one commit of `ledger` did it; the others are healthy. */
export function blameOneCommit(): Investigator {
  return {
    name: 'evidence',
    async investigate({ service }: Assignment, notebook: Notebook): Promise<Report> {
      const seen = {
        service: service.name,
        title: 'seen',
        query: 'q',
        data: { judged: 'trouble' },
        empty: false,
      };
      const metric = await notebook.keep('metric', { ...seen, kind: 'metric', summary: 'errors rose' });
      const log = await notebook.keep('log', { ...seen, kind: 'log', summary: 'new error text' });
      if (service.name !== 'ledger') {
        return {
          claims: [
            { kind: 'healthy', text: 'Nothing abnormal here.', evidence: [metric.number], confidence: 0.9 },
          ],
          ruledOut: [],
          nextChecks: [],
        };
      }
      const change = await notebook.keep('change', {
        ...seen,
        kind: 'change',
        summary: 'commit ccccccc',
        data: {
          commit: { sha: 'c'.repeat(40), subject: 'Shorten it', author: 'Kim', at: '2026-01-01T09:00:00Z' },
          diff: '',
          reasons: ['named'],
          margin: 0.8,
        },
      });
      return {
        claims: [
          {
            kind: 'cause',
            text: 'ledger fails since a commit.',
            evidence: [metric.number, log.number, change.number],
            blames: { service: 'ledger', commit: 'c'.repeat(40) },
            confidence: 0.9,
          },
        ],
        ruledOut: [],
        nextChecks: [],
      };
    },
  };
}

function policyOf() {
  const source =
    'services: [{ name: x, repository: { url: "https://x.example/x.git", slug: x/x }, language: node, testCommand: [x] }]';
  return parseCatalogue(source, 'policy').policy;
}

function unreachableSource(): FlowContext['sources']['source'] {
  return {
    fetch: refuse,
    log: refuse,
    diff: refuse,
    files: refuse,
    read: refuse,
    search: refuse,
    tree: refuse,
    blame: refuse,
    compare: refuse,
    checkout: refuse,
    diffs: refuse,
    revert: refuse,
    contains: refuse,
    history: refuse,
    patch: refuse,
    restore: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new SourceUnreachable('Not in this test.', 'Use another.');
}
