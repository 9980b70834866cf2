import { TemplateMiner } from '../../analysis/logs/template-miner.ts';
import { renderTrace } from '../../analysis/traces/render-trace.ts';
import { explainError } from '../../platform/errors.ts';
import type { Change } from '../../ports/change-source.ts';
import type { LogLine } from '../../ports/log-source.ts';
import type { Span } from '../../ports/trace-source.ts';
import type { Assignment, Sources } from '../investigator.ts';
import { type Candidates, compareText, type LeftOut } from './allot.ts';
import { makeUnit, type Unit } from './unit.ts';

/** The rolling window. */
export const runtimeWindowMs = 3_600_000;
const readTimeoutMs = 8_000;
const lineLimit = 6_000;
const spanLimit = 6_000;
const mostCurves = 60;
const mostTemplates = 1_000;
const mostTraces = 12;
const mostCommits = 25;
/** What was changed yesterday may only begin to hurt now. */
const changesWindowMs = 24 * 3_600_000;
const mostChanges = 40;
const stepS = 30;

const severity = { fatal: 1, error: 0.9, warn: 0.6, info: 0.2, unknown: 0.2, debug: 0.1 } as const;

/**
 * What happens now: alerts, kinds of log lines with an example, curves, failing traces, the latest commits, of the last
 * hour before `now`. A source that fails is said and the others are read all the same.
 * @param at commit that is deployed
 */
export async function runtimeCandidates(
  assignment: Assignment,
  sources: Sources,
  { now, at }: { readonly now: Date; readonly at: string },
  parent: AbortSignal,
): Promise<Candidates> {
  const signal = AbortSignal.any([parent, AbortSignal.timeout(readTimeoutMs)]);
  const from = new Date(now.getTime() - runtimeWindowMs);
  const leftOut: LeftOut[] = [];
  const attempt = async (what: string, read: () => Promise<Unit[]>): Promise<Unit[]> => {
    try {
      return await read();
    } catch (error) {
      parent.throwIfAborted();
      leftOut.push({ key: what, title: what, tokens: 0, why: explainError(error) });
      return [];
    }
  };
  const { service } = assignment;
  const read = await Promise.all([
    attempt('log lines', async () => {
      const { lines } = await sources.logs.lines(
        { service: service.name, from, to: now, limit: lineLimit },
        signal,
      );
      return templatesOf(lines);
    }),
    attempt('metric curves', () => curvesOf(assignment, sources, { from, now }, signal)),
    attempt('traces', async () => {
      const { spans } = await sources.traces.spans({ from, to: now, limit: spanLimit }, signal);
      return tracesOf(spans, service.name);
    }),
    attempt('commits', async () =>
      commitsOf(await sources.source.log(service, { at, limit: mostCommits }, signal)),
    ),
    attempt('changes', async () => {
      const { changes } = sources;
      if (changes === undefined) return [];
      const since = new Date(now.getTime() - changesWindowMs);
      // Its own before those of all services.
      const query = { service: service.name, from: since, to: now, around: now, limit: mostChanges };
      const told = await changes.changes(query, signal);
      return changesOf(told.toSorted((one, other) => one.at.getTime() - other.at.getTime()));
    }),
  ]);
  return { layer: 'l4', units: [...alertsOf(assignment), ...read.flat()], leftOut };
}

function alertsOf({ alerts }: Assignment): Unit[] {
  return alerts.map((alert) =>
    makeUnit({
      key: `alert ${alert.fingerprint} ${alert.startsAt.toISOString()} ${alert.status}`,
      title: `alert ${alert.status}`,
      text: JSON.stringify({
        status: alert.status,
        since: alert.startsAt.toISOString(),
        labels: alert.labels,
        annotations: alert.annotations,
      }),
      relevance: 5,
    }),
  );
}

function templatesOf(lines: readonly LogLine[]): Unit[] {
  const miner = new TemplateMiner();
  const groups = new Map<number, { line: LogLine; count: number; first: Date; last: Date }>();
  const ids = lines.map((line) => miner.add(line.message));
  for (const [index, line] of lines.entries()) {
    const id = miner.resolve(ids[index] ?? 0);
    const known = groups.get(id);
    groups.set(id, {
      line,
      count: (known?.count ?? 0) + 1,
      first: known?.first ?? line.at,
      last: line.at,
    });
  }
  const texts = new Map(miner.templates().map((one) => [one.id, one.text]));
  return [...groups]
    .map(([id, { line, count, first, last }]) => {
      const text = texts.get(id) ?? line.message;
      const example = { level: line.level, message: line.message.slice(0, 2_000), fields: line.fields };
      return makeUnit({
        key: `log ${line.level} ${text.slice(0, 300)}`,
        title: `log lines, ${line.level}`,
        text: `template ${JSON.stringify(text.slice(0, 1_000))} ×${count}, ${first.toISOString()} to ${last.toISOString()}\nexample ${JSON.stringify(example)}`,
        relevance: 2 + severity[line.level] + Math.min(0.3, count / 10_000),
        // Four times as many are news, one more is not.
        gist: String(Math.floor(Math.log2(count) / 2)),
      });
    })
    .toSorted((a, b) => b.relevance - a.relevance)
    .slice(0, mostTemplates);
}

async function curvesOf(
  { service }: Assignment,
  { metrics }: Sources,
  { from, now }: { readonly from: Date; readonly now: Date },
  signal: AbortSignal,
): Promise<Unit[]> {
  if (metrics === null) return [];
  const labels = Object.entries(service.metrics)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',');
  const names = (await metrics.metricNames(service.metrics, signal)).toSorted(compareText);
  const units: Unit[] = [];
  for (const name of names.filter(isCurve).slice(0, mostCurves)) {
    const selector = `${name}{${labels}}`;
    const expression = /_(total|count|sum)$/.test(name) ? `sum(rate(${selector}[2m]))` : `sum(${selector})`;
    const [series] = await metrics.range({ expression, from, to: now, stepS }, signal);
    const values = series?.values.filter((value) => value !== null) ?? [];
    if (series === undefined || values.length < 2) continue;
    const recent = mean(values.slice(-10));
    const before = mean(values.slice(0, -10));
    const spread = Math.sqrt(mean(values.map((value) => (value - before) ** 2))) || Math.abs(before) || 1;
    const moved = Math.min(1, Math.abs(recent - before) / spread / 3);
    const points = series.values.map((value) =>
      value === null ? 'null' : String(Number(value.toPrecision(4))),
    );
    units.push(
      makeUnit({
        key: `metric ${expression}`,
        title: `curve of ${name}`,
        text: `${expression}, every ${stepS} s from unix ${series.times[0]}\n${points.join(' ')}`,
        relevance: 1.5 + 1.5 * moved,
        gist:
          recent === 0
            ? '0'
            : `${Math.sign(recent)} ${Math.round(Math.log(Math.abs(recent)) / Math.log(1.5))}`,
      }),
    );
  }
  return units;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** One trace of each kind that failed here, and the slowest. */
function tracesOf(spans: readonly Span[], service: string): Unit[] {
  const own = spans.filter((span) => span.service === service);
  const groups = Map.groupBy(
    own,
    (span) => `${span.operation} ${span.error ? (span.errorText ?? 'error') : 'ok'}`,
  );
  return [...groups]
    .toSorted(([, a], [, b]) => Number(b[0]?.error) - Number(a[0]?.error) || b.length - a.length)
    .slice(0, mostTraces)
    .flatMap(([kind, members]) => {
      const shown = members.toSorted((a, b) => b.durationUs - a.durationUs)[0];
      if (shown === undefined) return [];
      const trace = spans.filter((span) => span.traceId === shown.traceId);
      return [
        makeUnit({
          key: `trace ${kind.slice(0, 200)}`,
          title: `trace ${shown.traceId}`,
          text: `${members.length} like this in the hour\n${renderTrace(trace, 60)}`,
          relevance: shown.error ? 2.8 : 1.2,
          gist: String(Math.floor(Math.log2(members.length) / 2)),
        }),
      ];
    });
}

function commitsOf(commits: Awaited<ReturnType<Sources['source']['log']>>): Unit[] {
  return commits.map((commit, index) =>
    makeUnit({
      key: `commit ${commit.sha}`,
      title: `commit ${commit.sha.slice(0, 12)}`,
      text: JSON.stringify({
        sha: commit.sha,
        at: commit.committedAt.toISOString(),
        author: commit.author,
        subject: commit.subject,
        body: commit.body.slice(0, 1_000),
        files: commit.files.slice(0, 30).map((file) => `${file.path} +${file.added} -${file.removed}`),
      }),
      relevance: 2.4 - index * 0.03,
    }),
  );
}

/** What was told of changes beside the code, the newest first in line. */
function changesOf(changes: readonly Change[]): Unit[] {
  return changes.toReversed().map((change, index) => {
    const text = JSON.stringify({
      ...change,
      at: change.at.toISOString(),
      service: change.service ?? 'every service',
    });
    return makeUnit({
      key: `change ${text}`,
      title: `${change.kind} told of`,
      text,
      relevance: 2.5 - index * 0.03,
    });
  });
}

/** Buckets are read together by other means, and what Prometheus says of its alerts is in the task. */
function isCurve(name: string): boolean {
  return !name.endsWith('_bucket') && !name.startsWith('ALERTS');
}
