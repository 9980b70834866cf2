import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGit } from '../../../src/adapters/git/git.ts';
import { createStatementReader } from '../../../src/adapters/postgres/statement-reader.ts';
import { createEvidenceInvestigator } from '../../../src/agents/evidence-investigator.ts';
import type { Notebook, Sources } from '../../../src/agents/investigator.ts';
import { type SurveyedService, surveyServices } from '../../../src/agents/triage-signals.ts';
import type { RecordedAlert } from '../../../src/domain/alert.ts';
import { type Decision, decideRootCause } from '../../../src/domain/decide-root-cause.ts';
import type { Evidence } from '../../../src/domain/evidence.ts';
import type { Claim, Finding } from '../../../src/domain/finding.ts';
import type { Incident } from '../../../src/domain/incident.ts';
import type { DatabaseTarget, Service } from '../../../src/domain/service.ts';
import { silentLog } from '../../../src/platform/log.ts';
import type { Change } from '../../../src/ports/change-source.ts';
import type { DatabaseInspector } from '../../../src/ports/database.ts';
import type { LogLine } from '../../../src/ports/log-source.ts';
import type { Span } from '../../../src/ports/trace-source.ts';
import { aService } from '../../support/builders.ts';
import { createStoredMetrics, type StoredSeries } from './invented-metrics.ts';
import { createRepository, type InventedCommit } from './invented-repository.ts';

export const onsetMs = Date.parse('2026-03-04T10:00:00Z');

/** How a system is watched; the short one saves time, the ordinary one is what teams have. */
export interface Timing {
  readonly historyS: number;
  readonly sinceOnsetS: number;
  /** From the onset to the alert: the window of its rate and its `for`. */
  readonly alertAfterS: number;
  readonly scrapeS: number;
  readonly requestsPerS: number;
}

const short: Timing = { historyS: 70, sinceOnsetS: 14, alertAfterS: 10, scrapeS: 1, requestsPerS: 12 };
export const ordinary: Timing = {
  historyS: 3600,
  sinceOnsetS: 420,
  alertAfterS: 360,
  scrapeS: 15,
  requestsPerS: 1,
};

const nowOf = (system: InventedSystem): number => onsetMs + (system.timing ?? short).sinceOnsetS * 1000;

/** What one request did in one service, and what it asked of others. */
export interface Step {
  readonly service: string;
  readonly operation: string;
  readonly status?: number;
  readonly ownMs?: number;
  readonly error?: string;
  /** The call was given up by its caller after so many milliseconds. */
  readonly givenUpAfterMs?: number;
  readonly log?: { level: LogLine['level']; message: string; fields?: LogLine['fields'] };
  /** Of its entry span, beside the status. */
  readonly attributes?: Span['attributes'];
  readonly calls?: readonly Step[];
}

export interface InventedSystem {
  readonly services: Readonly<
    Record<string, { dependsOn: readonly string[]; commits: readonly InventedCommit[] }>
  >;
  /** The request number `n`; `broken` from the onset on. */
  readonly request: (n: number, broken: boolean) => Step;
  readonly alert: { service: string; name: string; expression: string };
  readonly timing?: Timing;
  /** What was told of changes beside the code. */
  readonly changes?: readonly Change[];
  /** Services whose head goes live at the onset, and says so. */
  readonly releases?: readonly string[];
  /** So many times the usual requests come from the onset on. */
  readonly peak?: number;
  /** Lines beside those of requests: deployments, timers. */
  readonly lines?: readonly LogLine[];
  /** Databases by service, and who reads them. */
  readonly databases?: {
    readonly targets: Readonly<Record<string, readonly DatabaseTarget[]>>;
    readonly inspector: DatabaseInspector;
  };
  /** Gauges by service: values a second, from seconds since the start and since the onset (negative before). */
  readonly gauges?: Readonly<Record<string, Readonly<Record<string, (sinceOnset: number) => number>>>>;
}

export interface Verdict {
  readonly decision: Decision;
  readonly survey: readonly SurveyedService[];
  readonly findings: readonly Finding[];
  readonly evidence: readonly Evidence[];
  /** Commits by service, in order. */
  readonly shas: Readonly<Record<string, readonly string[]>>;
  /** Claims of the first report of each agent. */
  readonly first: readonly (readonly Claim[])[];
}

/** Runs survey, agents and decision over an invented system, as the stages do. */
export async function investigateSystem(system: InventedSystem): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'invented-'));
  try {
    return await investigateIn(folder, system);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function investigateIn(folder: string, system: InventedSystem): Promise<Verdict> {
  const nowMs = nowOf(system);
  const shas: Record<string, string[]> = {};
  for (const [name, { commits }] of Object.entries(system.services))
    shas[name] = createRepository(join(folder, name), commits, nowMs);
  const { spans, lines, stored } = play({
    ...system,
    lines: [...(system.lines ?? []), ...releaseLines(system.releases ?? [], shas)],
  });
  const sources: Sources = {
    metrics: createStoredMetrics(stored, system.alert.expression),
    logs: {
      lines: async ({ service, from, to, limit }) => {
        const found = lines.filter((line) => line.service === service && line.at >= from && line.at < to);
        return { lines: found.slice(-limit), truncated: found.length > limit };
      },
    },
    traces: {
      spans: async ({ from, to, limit }) => {
        const found = spans.filter(
          (span) => span.startUs >= from.getTime() * 1000 && span.startUs < to.getTime() * 1000,
        );
        return { spans: found.slice(-limit), truncated: found.length > limit };
      },
    },
    source: createGit({
      cacheDir: join(folder, 'mirrors'),
      credentials: async () => null,
      log: silentLog,
    }),
    sandbox: {
      unavailable: async () => 'no container engine',
      open: async () => Promise.reject(new Error('not available')),
      sweep: async () => 0,
      close: async () => undefined,
    },
    changes: {
      changes: async ({ service, from, to, kind }) =>
        (system.changes ?? []).filter(
          (one) =>
            (one.service === null || one.service === service) &&
            (kind === undefined || one.kind === kind) &&
            one.at >= from &&
            one.at < to,
        ),
    },
    databases: system.databases?.inspector ?? null,
    statements: system.databases === undefined ? null : createStatementReader(),
  };
  const services = Object.keys(system.services).map((name) => serviceOf(system, folder, name));
  const scene = {
    incident: incidentOf(system),
    alerts: [alertOf(system)],
    catalogue: { services, clusters: [] },
    now: new Date(nowMs),
  };
  const evidence: Evidence[] = [];
  const first: Claim[][] = [];
  const signal = AbortSignal.timeout(60_000);
  const survey = await surveyServices(
    { ...scene, sources },
    notebookOf('survey', evidence, [], nowMs),
    signal,
  );
  const findings: Finding[] = [];
  const heard = { ruledOut: [] as string[], nextChecks: [] as string[] };
  const investigator = createEvidenceInvestigator(sources);
  for (const { service: name, role } of survey) {
    const service = services.find((one) => one.name === name);
    if (role === null || service === undefined) continue;
    const reports: Claim[][] = [];
    const notebook = notebookOf(name, evidence, reports, nowMs);
    const report = await investigator.investigate({ ...scene, service, role }, notebook, signal);
    first.push(reports[0] ?? []);
    heard.ruledOut.push(...report.ruledOut);
    heard.nextChecks.push(...report.nextChecks);
    for (const claim of report.claims)
      findings.push({
        ...claim,
        id: `${findings.length}`,
        incidentId: 'inc',
        investigationId: name,
        service: name,
        at: scene.now,
      });
  }
  const decision = decideRootCause({ alerted: scene.incident.services, findings, evidence, ...heard });
  return { decision, survey, findings, evidence, shas, first };
}

function releaseLines(services: readonly string[], shas: Verdict['shas']): LogLine[] {
  return services.map((service) => ({
    at: new Date(onsetMs - 800),
    service,
    level: 'info',
    message: 'deployed',
    fields: { commit: shas[service]?.at(-1) ?? '', previous_commit: shas[service]?.at(-2) ?? '' },
  }));
}

function notebookOf(owner: string, evidence: Evidence[], reports: Claim[][], nowMs: number): Notebook {
  const kept = new Map<string, Evidence>();
  return {
    async keep(key, seen) {
      const known = kept.get(key);
      if (known !== undefined) return known;
      const row = {
        ...seen,
        number: evidence.length + 1,
        incidentId: 'inc',
        investigationId: owner,
        at: new Date(nowMs),
      };
      evidence.push(row);
      kept.set(key, row);
      return row;
    },
    step: async () => undefined,
    limit: async () => undefined,
    report: async (claims) => void reports.push([...claims]),
    evidence: async () => evidence,
    steers: async () => [],
  };
}

/** Plays the system's requests from start to now into spans, lines and series. */
export function play(system: InventedSystem): { spans: Span[]; lines: LogLine[]; stored: StoredSeries[] } {
  const { historyS, scrapeS, requestsPerS: perSecond } = system.timing ?? short;
  const startMs = onsetMs - historyS * 1000;
  const nowMs = nowOf(system);
  const spans: Span[] = [];
  const lines: LogLine[] = [...(system.lines ?? [])];
  const counts = new Map<string, number>();
  const samples = new Map<string, { times: number[]; values: number[] }>();
  let id = 0;
  let number = 0;
  const hex = (length: number): string => (++id).toString(16).padStart(length, '0');

  const run = (step: Step, traceId: string, parentId: string | null, atMs: number): number => {
    const spanId = hex(16);
    let clock = atMs + (step.ownMs ?? 4) / 2;
    for (const call of step.calls ?? []) {
      const callId = hex(16);
      const from = clock;
      const served = run(call, traceId, callId, clock + 0.3);
      const waited = Math.min(served + 0.6, call.givenUpAfterMs ?? Number.POSITIVE_INFINITY);
      clock += waited;
      const gaveUp = call.givenUpAfterMs !== undefined && waited === call.givenUpAfterMs;
      const status = gaveUp ? undefined : (call.status ?? 200);
      spans.push({
        traceId,
        spanId: callId,
        parentId: spanId,
        service: step.service,
        operation: `call ${call.service}`,
        kind: 'client',
        startUs: from * 1e3,
        durationUs: waited * 1e3,
        error: gaveUp || (status ?? 0) >= 400,
        ...(gaveUp ? { errorText: `deadline of ${call.givenUpAfterMs} ms exceeded` } : {}),
        attributes: {
          'peer.service': call.service,
          ...(status === undefined ? {} : { 'http.response.status_code': status }),
        },
      });
    }
    clock += (step.ownMs ?? 4) / 2;
    const status = step.status ?? 200;
    spans.push({
      traceId,
      spanId,
      parentId,
      service: step.service,
      operation: step.operation,
      kind: 'server',
      startUs: atMs * 1e3,
      durationUs: (clock - atMs) * 1e3,
      error: status >= 500,
      ...(step.error === undefined ? {} : { errorText: step.error }),
      attributes: { ...step.attributes, 'http.response.status_code': status },
    });
    if (step.log !== undefined)
      lines.push({
        at: new Date(clock),
        service: step.service,
        level: step.log.level,
        message: step.log.message,
        traceId,
        fields: step.log.fields ?? {},
      });
    for (const [name, amount] of [
      ['http_requests_total', 1],
      ['http_request_duration_seconds_sum', (clock - atMs) / 1000],
      ['http_request_duration_seconds_count', 1],
    ] as const) {
      const key = JSON.stringify({ __name__: name, service: step.service, status: `${status}` });
      counts.set(key, (counts.get(key) ?? 0) + amount);
    }
    return clock - atMs;
  };

  for (let second = 0; startMs + second * 1000 < nowMs; second += 1) {
    const at = startMs + second * 1000;
    const come = at >= onsetMs ? perSecond * (system.peak ?? 1) : perSecond;
    for (let place = 0; place < come; place += 1) {
      run(system.request(number, at >= onsetMs), hex(32), null, at + (place * 1000) / come);
      number += 1;
    }
    if (second % scrapeS !== 0) continue;
    const sample = (key: string, value: number): void => {
      const series = samples.get(key) ?? { times: [], values: [] };
      series.times.push(at / 1000 + 1);
      series.values.push(value);
      samples.set(key, series);
    };
    for (const [key, value] of counts) sample(key, value);
    for (const [service, gauges] of Object.entries(system.gauges ?? {}))
      for (const [name, valueAt] of Object.entries(gauges))
        sample(JSON.stringify({ __name__: name, service }), valueAt((at - onsetMs) / 1000));
  }
  lines.sort((a, b) => a.at.getTime() - b.at.getTime());
  return {
    spans,
    lines,
    stored: [...samples].map(([key, series]) => ({
      labels: JSON.parse(key) as Record<string, string>,
      ...series,
    })),
  };
}

function serviceOf(system: InventedSystem, folder: string, name: string): Service {
  return aService({
    name,
    repository: { url: join(folder, name), slug: `team/${name}`, branch: 'main' },
    approvers: [],
    dependsOn: system.services[name]?.dependsOn ?? [],
    databases: system.databases?.targets[name] ?? [],
  });
}

function alertOf({ alert, timing = short }: InventedSystem): RecordedAlert {
  const firedMs = onsetMs + timing.alertAfterS * 1000;
  return {
    id: 'a',
    incidentId: 'inc',
    fingerprint: 'f',
    status: 'firing',
    startsAt: new Date(firedMs),
    receivedAt: new Date(firedMs + 1e3),
    annotations: {},
    labels: {
      alertname: alert.name,
      service: alert.service,
    },
  };
}

function incidentOf(system: InventedSystem): Incident {
  const firedMs = onsetMs + (system.timing ?? short).alertAfterS * 1000;
  return {
    id: 'inc',
    title: system.alert.name,
    severity: 'sev2',
    status: 'investigating',
    stage: 'triage',
    services: [system.alert.service],
    openedAt: new Date(firedMs + 1e3),
    startedAt: new Date(firedMs),
    resolvedAt: null,
    channelName: 'inc',
    channelId: null,
    declaredBy: null,
  };
}
