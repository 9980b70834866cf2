import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGit } from '../../src/adapters/git/git.ts';
import { createPromqlChecker } from '../../src/adapters/lezer-promql/promql-checker.ts';
import { createSymbolReader } from '../../src/adapters/tree-sitter/symbol-reader.ts';
import { createToolDesk, type ToolDesk } from '../../src/agents/claude/tool-desk.ts';
import type { Assignment, Sources } from '../../src/agents/investigator.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { createNotebook } from '../../src/flow/incident/notebook.ts';
import type { Json } from '../../src/platform/canonical-json.ts';
import { createKnownSecrets, type KnownSecrets } from '../../src/platform/known-secrets.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { LogLine } from '../../src/ports/log-source.ts';
import type { Record } from '../../src/ports/record.ts';
import type { Span } from '../../src/ports/trace-source.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { anIncident, aService } from '../support/builders.ts';
import { createTestDatabase } from '../support/databases.ts';
import { createRepository } from '../unit/agents/invented-repository.ts';

export const now = new Date('2026-03-04T10:10:00Z');
const incidentId = '01hztools00001';

export interface ToolHouse {
  readonly record: Record;
  readonly secrets: KnownSecrets;
  readonly shas: readonly string[];
  readonly lines: LogLine[];
  readonly spans: Span[];
  /** PromQL that reached the server. */
  readonly asked: string[];
  readonly incidentId: string;
  /** As a model sees it: rows in order. Failures are `{problem}`. */
  // biome-ignore lint/suspicious/noExplicitAny: rows of any tool; each test knows its own
  ask(name: string, input: Json): Promise<{ [key: string]: any }[]>;
  close(): Promise<void>;
}

/** A real record, a real repository, the real tool desk; telemetry is what the test puts there. */
export async function openToolHouse(commits: Parameters<typeof createRepository>[1]): Promise<ToolHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'warroom-tools-'));
  const shas = createRepository(join(folder, 'shop'), commits, now.getTime());
  const database = await createTestDatabase();
  const secrets = createKnownSecrets();
  const store = await openRecord({ databaseUrl: database.url, dataDir: null, auditKey, secrets });
  const { record } = store;
  const incident = anIncident({
    id: incidentId,
    services: ['shop'],
    startedAt: new Date('2026-03-04T10:00:00Z'),
  });
  await record.incidents.insert(incident);
  const service = aService({
    name: 'shop',
    repository: { url: `file://${join(folder, 'shop')}`, slug: 'acme/shop', branch: 'main' },
  });
  const lines: LogLine[] = [];
  const spans: Span[] = [];
  const asked: string[] = [];
  const within = (at: number, from: Date, to: Date): boolean => at >= from.getTime() && at < to.getTime();
  const sources = {
    metrics: {
      instant: async (expression: string) => {
        asked.push(expression);
        if (expression.includes('too_slow')) throw new Error('the server gave up');
        return expression.startsWith('count by')
          ? [{ labels: { status: '200' }, value: 3 }]
          : [{ labels: {}, value: expression.includes('everything') ? 90_000 : 3 }];
      },
      range: async ({ expression }: { expression: string }) => {
        asked.push(expression);
        return [{ labels: { route: '/pay' }, times: [1, 2], values: [0.1, 0.2] }];
      },
      alertRules: async () => [],
      metricNames: async () => [
        'http_requests_total',
        'http_request_duration_seconds_bucket',
        'process_cpu_seconds_total',
      ],
    },
    logs: {
      lines: async ({ from, to }: { from: Date; to: Date }) => ({
        lines: lines.filter((line) => within(line.at.getTime(), from, to)),
        truncated: false,
      }),
    },
    traces: {
      spans: async ({ from, to }: { from: Date; to: Date }) => ({
        spans: spans.filter((span) => within(span.startUs / 1000, from, to)),
        truncated: false,
      }),
    },
    source: createGit({ cacheDir: join(folder, 'mirrors'), credentials: async () => null, log: silentLog }),
    sandbox: { unavailable: async () => 'no container engine' },
    databases: null,
    statements: null,
    symbols: createSymbolReader(),
    queryChecker: createPromqlChecker(),
  } as unknown as Sources;
  const assignment = {
    incident,
    alerts: [],
    service,
    role: 'suspect',
    catalogue: { services: [service], clusters: [] },
    now,
  } as unknown as Assignment;
  const notebook = createNotebook({ record } as FlowContext, incidentId, { scope: 'tools' });
  const desk: ToolDesk = createToolDesk(assignment, sources, notebook, AbortSignal.timeout(100_000));
  let calls = 0;
  return {
    record,
    secrets,
    shas,
    lines,
    spans,
    asked,
    incidentId,
    async ask(name, input) {
      calls += 1;
      const call = { type: 'tool-call', id: `call-${calls}`, name, input } as const;
      const { text } = await desk.answer(call, `tool:${calls}`);
      return text.split('\n').map((line) => JSON.parse(line));
    },
    async close() {
      await desk.close();
      await store.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
