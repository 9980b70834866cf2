import { quantile } from '../series/robust-statistics.ts';
import { blameSpans, type SpanBlame } from '../traces/blame-spans.ts';
import { type PlainSpan, profileSpans, type SpanProfile } from '../traces/profile-spans.ts';
import { findOnset } from './find-onset.ts';
import { type CallGraph, followCalls, graphOf, type Trouble } from './follow-calls.ts';
import type { IncidentAnswer, IncidentInput, RankedService } from './incident-input.ts';
import { kindOfMetric } from './metric-kind.ts';
import { scoreMetric } from './score-metric.ts';
import { type ServiceLogs, weighLogs } from './weigh-logs.ts';
import { type ServiceMetrics, weighMetrics } from './weigh-metrics.ts';

/** How far each kind of evidence can go by itself. Traces tell where time and failures begin; metrics only that they are there. */
const trust = { metrics: 0.6, metricsBesideTraces: 0.3, traces: 0.95, logs: 0.7, faint: 0.03 };
/** What a service's metrics count for where no trouble leads to it. */
const unwalked = 0.3;
/** Slowness where people feel errors, and the other way round. */
const otherKind = 0.4;
const feltAtSymptom = 0.5;
const viewDiscount = 0.4;

/** Everything that was read about one service. */
interface Evidence {
  readonly service: string;
  readonly metrics: ServiceMetrics | undefined;
  readonly spans: SpanBlame | undefined;
  readonly logs: ServiceLogs | undefined;
}

/**
 * Where an incident begins: services ranked by what their metrics, traces and logs show that those below them do not
 * explain. Pure: the same input gives the same ranking, whatever the order, the units and the names.
 */
export function analyzeIncident(input: IncidentInput): IncidentAnswer {
  const shifts = (input.metrics ?? []).map((series) => scoreMetric(series, input.incidentAt));
  const metrics = weighMetrics(shifts);
  const traces = readTraces(input);
  const spans = new Map(
    (traces === null ? [] : blameSpans(traces.before, traces.after)).map((one) => [one.service, one]),
  );
  const logs = weighLogs(input.logs ?? [], input.incidentAt);
  const graph = graphOf([
    ...(input.graph ?? []),
    ...(traces === null ? [] : callsOf(traces.before, traces.after)),
  ]);
  const services = new Set([
    ...(input.services ?? []),
    ...(input.graph ?? []).flat(),
    ...metrics.keys(),
    ...spans.keys(),
    ...logs.keys(),
    ...(input.symptom ? [input.symptom.service] : []),
  ]);
  const evidence = [...services].toSorted().map((service) => ({
    service,
    metrics: metrics.get(service),
    spans: spans.get(service),
    logs: logs.get(service),
  }));
  const weights = weighServices(evidence, graph, input);
  return answer(input, evidence, weights, findOnset(input, shifts, weights));
}

function readTraces(input: IncidentInput): { before: SpanProfile; after: SpanProfile } | null {
  const incident = input.traces?.incident ?? [];
  const normal = input.traces?.normal ?? [];
  if (incident.length === 0) return null;
  if (normal.length > 0) return { before: profileSpans(normal), after: profileSpans(incident) };
  const { early, late } = splitByTime(incident);
  return { before: profileSpans(early), after: profileSpans(late) };
}

/** Without ordinary traces the first of the incident stand for them: trouble seldom begins with the first request. */
function splitByTime(spans: readonly PlainSpan[]): { early: PlainSpan[]; late: PlainSpan[] } {
  const starts = new Map<string, number>();
  for (const { trace, startUs } of spans) starts.set(trace, Math.min(starts.get(trace) ?? startUs, startUs));
  const end = quantile([...starts.values()], earlyShare);
  const early: PlainSpan[] = [];
  const late: PlainSpan[] = [];
  for (const span of spans) ((starts.get(span.trace) ?? 0) <= end ? early : late).push(span);
  return { early, late };
}
const earlyShare = 0.25;

function callsOf(...profiles: readonly SpanProfile[]): [string, string][] {
  return profiles.flatMap((profile) =>
    [...profile.calls.values()].map(({ caller, callee }): [string, string] => [caller, callee]),
  );
}

/** How much is held against each service, 0–1 each on its own. */
function weighServices(
  evidence: readonly Evidence[],
  graph: CallGraph,
  input: IncidentInput,
): Map<string, number> {
  const symptom = input.symptom ?? null;
  const kind = symptom?.metric == null ? null : kindOfMetric(symptom.metric);
  const troubles = foldViews(graph, new Map(evidence.map((one) => [one.service, troubleOf(one, kind)])));
  const trouble = (service: string): Trouble => troubles.get(service) ?? { answers: 0, own: 0 };
  const starts = startsOf(evidence, graph, symptom?.service ?? null, trouble);
  const shares = followCalls(graph, starts, trouble);
  return new Map(
    evidence.map((one) => {
      const { answers, own } = trouble(one.service);
      const direct = 1 - (1 - 0.9 * answers) * (1 - 0.6 * own);
      const share = shares.get(one.service) ?? 0;
      const byMetrics = direct * (unwalked + (1 - unwalked) * share ** 0.5);
      return [
        one.service,
        1 -
          (1 - (one.spans === undefined ? trust.metrics : trust.metricsBesideTraces) * byMetrics) *
            (1 - trust.traces * ofSpans(one.spans)) *
            (1 - trust.logs * ofLogs(one.logs)) *
            (1 - trust.faint * (one.metrics?.faint ?? 0)),
      ];
    }),
  );
}

function troubleOf({ metrics }: Evidence, symptom: ReturnType<typeof kindOfMetric> | null): Trouble {
  if (metrics === undefined) return { answers: 0, own: 0 };
  const { latency, failures } = metrics.answers;
  // What people feel tells which of the two to follow; the other still counts a little.
  const slow = symptom === 'errors' || symptom === 'success' ? otherKind : 1;
  const wrong = symptom === 'latency' ? otherKind : 1;
  return {
    answers: 1 - (1 - slow * latency) * (1 - wrong * failures),
    own:
      1 -
      (1 - metrics.resources) *
        (1 - 0.4 * metrics.quiet) *
        (1 - 0.3 * metrics.other) *
        (1 - 0.4 * metrics.silent),
  };
}

/**
 * An endpoint that one caller alone knows and that calls nothing is often that caller's view of a service which the graph
 * also holds under its own name: where such a service is troubled as well, the view counts for less.
 */
function foldViews(graph: CallGraph, troubles: ReadonlyMap<string, Trouble>): Map<string, Trouble> {
  const folded = new Map(troubles);
  for (const [service, trouble] of troubles) {
    const callers = graph.callers.get(service) ?? [];
    const [caller] = callers;
    if (callers.length !== 1 || caller === undefined || graph.callees.has(service)) continue;
    let twin = 0;
    for (const sibling of graph.callees.get(caller) ?? [])
      if (sibling !== service && graph.callees.has(sibling))
        twin = Math.max(twin, troubles.get(sibling)?.answers ?? 0);
    if (twin === 0 || trouble.answers === 0) continue;
    folded.set(service, {
      ...trouble,
      answers: trouble.answers * (1 - viewDiscount * Math.min(1, (2 * twin) / trouble.answers)),
    });
  }
  return folded;
}

/** Where people feel it: the service of the symptom, else those that answer badly and that nobody troubled calls. */
function startsOf(
  evidence: readonly Evidence[],
  graph: CallGraph,
  symptom: string | null,
  trouble: (service: string) => Trouble,
): Map<string, number> {
  const weights = evidence.map(({ service }): [string, number] => {
    const { answers, own } = trouble(service);
    return [service, answers + 0.3 * own];
  });
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const known = symptom !== null && (graph.callees.get(symptom)?.length ?? 0) > 0;
  // Others feel it too, and what several of them call is the likelier for it.
  const felt = known ? feltAtSymptom : 0;
  const starts = new Map<string, number>();
  if (total > 0)
    for (const [service, weight] of weights)
      if (weight > 0) starts.set(service, ((1 - felt) * weight) / total);
  if (known) starts.set(symptom, (starts.get(symptom) ?? 0) + felt);
  return starts;
}

function ofSpans(spans: SpanBlame | undefined): number {
  if (spans === undefined) return 0;
  const { slow, sharp, ending, failing, vanished } = spans;
  return (
    1 - (1 - 0.5 * slow) * (1 - 0.8 * sharp) * (1 - 0.9 * ending) * (1 - 0.9 * failing) * (1 - 0.4 * vanished)
  );
}

function ofLogs(logs: ServiceLogs | undefined): number {
  return logs === undefined ? 0 : 1 - (1 - logs.weight) * (1 - 0.6 * logs.silent);
}

/**
 * How sharply weights turn into shares, and what "none of them" weighs. Between what two public sets ask for (3.75 and 6):
 * either makes what is said of the other truer.
 */
const sharpness = 4.5;
const noneOfThem = { asked: 0.32, felt: 0.13 };

function answer(
  input: IncidentInput,
  evidence: readonly Evidence[],
  weights: ReadonlyMap<string, number>,
  onset: number | null,
): IncidentAnswer {
  const raised = (weight: number): number => weight ** sharpness;
  // Where people feel something, something is wrong more often.
  const none = input.symptom ? noneOfThem.felt : noneOfThem.asked;
  let total = raised(none);
  let largest = 0;
  for (const weight of weights.values()) {
    total += raised(weight);
    largest = Math.max(largest, weight);
  }
  const ranking = evidence
    .map((one) => ({
      service: one.service,
      weight: weights.get(one.service) ?? 0,
      reasons: reasonsOf(one),
    }))
    .toSorted((a, b) => b.weight - a.weight || (a.service < b.service ? -1 : 1))
    .map(
      ({ service, weight, reasons }): RankedService => ({ service, score: raised(weight) / total, reasons }),
    );
  const quiet = largest < none;
  return {
    id: input.id,
    ranking,
    onset: quiet ? null : onset,
    outcome: quiet ? 'nothing stands out' : (ranking[0]?.score ?? 0) >= 0.5 ? 'likely' : 'unclear',
  };
}

function reasonsOf(one: Evidence): string[] {
  return [...(one.metrics?.reasons ?? []), ...(one.spans?.reasons ?? []), ...(one.logs?.reasons ?? [])]
    .filter((reason) => reason.weight >= 0.05)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, 5)
    .map((reason) => reason.text);
}
