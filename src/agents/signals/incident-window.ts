import { readLevel } from '../../analysis/logs/learn-level.ts';
import { findChangePoint, findOnset } from '../../analysis/series/find-change-point.ts';
import { median, quantile } from '../../analysis/series/robust-statistics.ts';
import { isCall, isEntry, peerOf, verdictOf } from '../../analysis/traces/span-facts.ts';
import { type Alert, alertName } from '../../domain/alert.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Catalogue } from '../../domain/service.ts';
import type { LogLine } from '../../ports/log-source.ts';
import type { Span } from '../../ports/trace-source.ts';
import type { Sources } from '../investigator.ts';

export interface IncidentWindow {
  readonly baselineFrom: Date;
  /** When it began: the baseline ends here. */
  readonly onset: Date;
  /** Start of the first alert. */
  readonly alertedAt: Date;
  readonly to: Date;
  /** How the onset was found, for people. */
  readonly onsetFrom: 'spans' | 'logs' | 'alert expression' | 'alert time';
  /** Expressions behind the alerts, as the monitor has them. */
  readonly expressions: readonly string[];
}

export interface Scene {
  readonly incident: Incident;
  readonly alerts: readonly Alert[];
  readonly catalogue: Catalogue;
  readonly now: Date;
}

const longestLeadMs = 30 * 60_000;
const spanLimit = 12_000;
const lineLimit = 3_000;

/** When it began, from what telemetry did before the alert; the alert itself comes late by its window and its `for`. */
export async function findIncidentWindow(
  scene: Scene,
  sources: Sources,
  signal: AbortSignal,
): Promise<IncidentWindow> {
  const starts = scene.alerts.map((alert) => alert.startsAt.getTime());
  const alertedAt = Math.min(...starts, scene.incident.startedAt.getTime());
  const rules = await readRules(scene, sources, signal);
  const rangeMs = longestRangeMs(rules) ?? (rules.length > 0 ? 20_000 : 300_000);
  const leadMs = Math.min(longestLeadMs, Math.max(90_000, 3 * rangeMs + 30_000));
  const from = new Date(alertedAt - leadMs);
  const until = new Date(Math.min(scene.now.getTime(), alertedAt + 20_000));

  const [traced, logged, measured] = await Promise.all([
    onsetInSpans(scene, sources, from, until, alertedAt, signal),
    onsetInLogs(scene, sources, from, until, alertedAt, signal),
    onsetInExpression(rules, sources, from, until, rangeMs, signal),
  ]);
  const found =
    pick(traced, 'spans', alertedAt, leadMs) ??
    pick(logged, 'logs', alertedAt, leadMs) ??
    pick(measured, 'alert expression', alertedAt, leadMs);
  // Nothing dates it: as early as the alert's own window may have seen it.
  const onset = found?.at ?? alertedAt - Math.min(rangeMs, 600_000);
  const baselineMs = Math.min(15 * 60_000, Math.max(120_000, 3 * (scene.now.getTime() - onset)));
  return {
    baselineFrom: new Date(onset - baselineMs),
    onset: new Date(onset),
    alertedAt: new Date(alertedAt),
    to: scene.now,
    onsetFrom: found?.source ?? 'alert time',
    expressions: rules,
  };
}

function pick(
  at: number | null,
  source: 'spans' | 'logs' | 'alert expression',
  alertedAt: number,
  leadMs: number,
): { at: number; source: typeof source } | null {
  return at !== null && at <= alertedAt + 1_000 && at >= alertedAt - leadMs ? { at, source } : null;
}

async function readRules(scene: Scene, sources: Sources, signal: AbortSignal): Promise<string[]> {
  const metrics = sources.metrics;
  if (metrics === null) return [];
  const names = [...new Set(scene.alerts.map(alertName))].slice(0, 4);
  const answers = await Promise.allSettled(names.map((name) => metrics.alertRules(name, signal)));
  const services = new Set(scene.alerts.map((alert) => alert.labels['service']));
  return answers
    .flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    .filter((rule) => rule.labels['service'] === undefined || services.has(rule.labels['service']))
    .map((rule) => rule.expression);
}

function longestRangeMs(expressions: readonly string[]): number | null {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  let longest: number | null = null;
  for (const expression of expressions)
    for (const match of expression.matchAll(/\[(\d+)(ms|s|m|h|d)/g)) {
      const length = Number(match[1]) * (units[match[2] ?? 's'] ?? 1000);
      longest = Math.max(longest ?? 0, length);
    }
  return longest;
}

/** First failing or slow requests of the services that alerted, second by second. */
async function onsetInSpans(
  scene: Scene,
  sources: Sources,
  from: Date,
  to: Date,
  alertedAt: number,
  signal: AbortSignal,
): Promise<number | null> {
  const answer = await sources.traces.spans({ from, to, limit: spanLimit }, signal).catch(() => null);
  const alerting = new Set<string>(scene.incident.services);
  const entries = (answer?.spans ?? []).filter((span) => isEntry(span) && alerting.has(span.service));
  if (entries.length < 10) return null;
  // A service that is down answers nothing: its callers' failing calls date it.
  const unanswered = (answer?.spans ?? []).filter(
    (span) => isCall(span) && verdictOf(span) === 'failed' && alerting.has(peerOf(span, alerting) ?? ''),
  );
  const failing = [...entries.filter((span) => verdictOf(span) === 'failed'), ...unanswered].map(endMs);
  const rejected = entries.filter((span) => verdictOf(span) === 'rejected').map(endMs);
  const starts = entries.map((span) => span.startUs / 1000);
  const first = Math.min(...starts);
  return earliest([
    onsetOfFew(failing, first, to.getTime(), alertedAt),
    onsetOf(slowOnes(entries, first, alertedAt), first, to.getTime(), alertedAt),
    failing.length < 5 ? onsetOf(rejected, first, to.getTime(), alertedAt) : null,
  ]);
}

/** Ends of the requests slower than the first third of the window knew, each against its own operation. */
function slowOnes(entries: readonly Span[], first: number, alertedAt: number): number[] {
  const early = first + (alertedAt - first) / 3;
  const slow: number[] = [];
  for (const group of Map.groupBy(entries, (span) => `${span.service} ${span.operation}`).values()) {
    const usual = group.filter((span) => span.startUs / 1000 < early).map((span) => span.durationUs);
    if (usual.length < 8) continue;
    const bar = Math.max(quantile(usual, 0.98) * 1.3, median(usual) * 2);
    for (const span of group) if (span.durationUs > bar) slow.push(span.startUs / 1000);
  }
  return slow;
}

async function onsetInLogs(
  scene: Scene,
  sources: Sources,
  from: Date,
  to: Date,
  alertedAt: number,
  signal: AbortSignal,
): Promise<number | null> {
  const answers = await Promise.allSettled(
    scene.incident.services
      .slice(0, 4)
      .map((service) => sources.logs.lines({ service, from, to, limit: lineLimit }, signal)),
  );
  const onsets = answers.map((answer) => {
    if (answer.status === 'rejected') return null;
    const lines = answer.value.lines;
    const first = lines[0]?.at.getTime() ?? from.getTime();
    const severe = lines.filter(isSevere).map((line) => line.at.getTime());
    return onsetOfFew(severe, first, to.getTime(), alertedAt);
  });
  return earliest(onsets);
}

export function isSevere(line: LogLine): boolean {
  if (line.level === 'unknown') return readLevel(line.message) === 'error';
  return line.level === 'error' || line.level === 'fatal';
}

/** For slow drifts and saturation: where the number that the alert compares left its level. */
async function onsetInExpression(
  expressions: readonly string[],
  sources: Sources,
  from: Date,
  to: Date,
  rangeMs: number,
  signal: AbortSignal,
): Promise<number | null> {
  const metrics = sources.metrics;
  if (metrics === null) return null;
  const stepS = Math.max(1, Math.ceil((to.getTime() - from.getTime()) / 1000 / 240));
  const onsets = await Promise.all(
    expressions.slice(0, 3).map(async (full) => {
      const expression = full.replace(/(?<!\s)\s*(?:>=|<=|==|!=|>|<)\s*(?:bool\s+)?[-+\d.eE]+\s*$/, '');
      const series = await metrics.range({ expression, from, to, stepS }, signal).catch(() => []);
      const points = series.slice(0, 20).map((one) => findChangePoint(one.times, one.values));
      return points.map((point) =>
        point === null ? null : point.time * 1000 - Math.min(rangeMs / 4, 5_000),
      );
    }),
  );
  return earliest(onsets.flat());
}

function onsetOf(events: readonly number[], from: number, to: number, alertedAt: number): number | null {
  if (events.length < 4) return null;
  return onsetInBins(events, from, to, alertedAt, Math.max(1000, (to - from) / 300));
}

/** A failure every few seconds is nothing in one second and plenty in half a minute; noise is not plenty more than before. */
function onsetOfFew(events: readonly number[], from: number, to: number, alertedAt: number): number | null {
  const fine = onsetOf(events, from, to, alertedAt);
  if (fine !== null || events.length < 8) return fine;
  for (const wider of [4, 12]) {
    const found = onsetInBins(events, from, to, alertedAt, Math.max(1000, (to - from) / 300) * wider);
    if (found === null) continue;
    const before = events.filter((at) => at < found).length / Math.max(1, found - from);
    const after = events.filter((at) => at >= found).length / Math.max(1, to - found);
    if (after >= 5 * before && to - found > 60_000) return found;
  }
  return null;
}

function onsetInBins(
  events: readonly number[],
  from: number,
  to: number,
  alertedAt: number,
  binMs: number,
): number | null {
  const bins = Math.max(1, Math.ceil((Math.min(to, alertedAt + 5_000) - from) / binMs));
  const counts = Array.from({ length: bins }, () => 0);
  for (const at of events) {
    const bin = Math.floor((at - from) / binMs);
    if (bin >= 0 && bin < bins) counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const start = findOnset(
    counts.map((_, bin) => from + bin * binMs),
    counts,
  );
  if (start === null) return null;
  const inFirst = events.filter((at) => at >= start && at < start + binMs);
  return inFirst.length === 0 ? start : Math.min(...inFirst);
}

function endMs(span: Span): number {
  return (span.startUs + span.durationUs) / 1000;
}

function earliest(candidates: readonly (number | null)[]): number | null {
  const known = candidates.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}
