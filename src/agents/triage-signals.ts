import type { RecordedAlert } from '../domain/alert.ts';
import type { Incident } from '../domain/incident.ts';
import { type Catalogue, neighboursOf } from '../domain/service.ts';
import type { Notebook, Sources } from './investigator.ts';
import { judgeService } from './signals/judge-service.ts';
import type { Judgement } from './signals/judgement.ts';
import { openTelemetryDesk, type TelemetryDesk } from './signals/telemetry-desk.ts';
import { observeMetrics } from './tools/metric-overview.ts';
import { observeTraces } from './tools/trace-edges.ts';

export interface SurveyedService {
  readonly service: string;
  /** 0–1: how likely it is worth a full agent. */
  readonly score: number;
  /** `suspect`: abnormal by itself or blamed by traces; `neighbour`: next to a suspect; null: leave it alone. */
  readonly role: 'suspect' | 'neighbour' | null;
  readonly reasons: readonly string[];
  /** Numbers of the evidence kept for it. */
  readonly evidence: readonly number[];
}

export interface SurveyScene {
  readonly incident: Incident;
  readonly alerts: readonly RecordedAlert[];
  readonly catalogue: Catalogue;
  readonly sources: Sources;
  readonly now: Date;
}

const suspectFrom = 0.35;
const mostSurveyed = 24;

/** A first look at every service in reach: who alerted, where failing traces begin, whose metrics and logs moved. */
export async function surveyServices(
  scene: SurveyScene,
  notebook: Pick<Notebook, 'keep'>,
  signal: AbortSignal,
): Promise<SurveyedService[]> {
  const desk = openTelemetryDesk(scene, scene.sources, signal);
  const names = servicesInReach(scene);
  const judged = await Promise.all(names.map((name) => judge(desk, scene, name)));
  const scores = new Map(judged.map((one) => [one.service, scoreOf(one, judged)]));
  const suspects = judged.filter((one) => (scores.get(one.service)?.score ?? 0) >= suspectFrom);
  const near = new Set(suspects.flatMap((one) => neighboursOf(scene.catalogue, one.service)));

  const surveyed: SurveyedService[] = [];
  for (const one of judged) {
    const { score, reasons } = scores.get(one.service) ?? { score: 0, reasons: [] };
    const suspect = score >= suspectFrom;
    surveyed.push({
      service: one.service,
      score,
      role: suspect ? 'suspect' : near.has(one.service) ? 'neighbour' : null,
      reasons,
      evidence: suspect ? await keepLook(desk, notebook, one.service) : [],
    });
  }
  return surveyed.toSorted((a, b) => b.score - a.score || a.service.localeCompare(b.service));
}

/** Everything in a small catalogue; in a large one, what the alerts name and what is at most two calls away. */
function servicesInReach(scene: SurveyScene): string[] {
  const all = scene.catalogue.services.map((service) => service.name);
  if (all.length <= mostSurveyed) return all;
  const reached = new Set(scene.incident.services.filter((name) => all.includes(name)));
  for (let hop = 0; hop < 2; hop += 1)
    for (const name of Array.from(reached))
      for (const next of neighboursOf(scene.catalogue, name)) reached.add(next);
  return [...reached].slice(0, mostSurveyed);
}

async function judge(desk: TelemetryDesk, scene: SurveyScene, name: string): Promise<Judgement> {
  const [traces, metrics, logs] = await Promise.all([desk.traces(), desk.metrics(name), desk.logs(name)]);
  return judgeService(name, scene.alerts, { traces, metrics, logs });
}

function scoreOf(one: Judgement, all: readonly Judgement[]): { score: number; reasons: string[] } {
  let score = Math.max(one.own, 0.75 * one.abnormal);
  const reasons = [...one.reasons];
  for (const other of all)
    for (const blame of other.blames) {
      if (blame.service !== one.service || blame.share < 0.2) continue;
      score = Math.max(score, 0.75 * blame.share);
      reasons.push(`${other.service} points here: ${blame.reason}`);
    }
  // Who points at somebody else comes after whom it points at.
  const passedOn = Math.max(0, ...one.blames.map((blame) => blame.share));
  if (passedOn > one.own) score = Math.max(Math.min(score, suspectFrom), score * (1 - 0.5 * passedOn));
  return { score: Number(Math.min(1, score).toFixed(3)), reasons: [...new Set(reasons)].slice(0, 4) };
}

async function keepLook(
  desk: TelemetryDesk,
  notebook: Pick<Notebook, 'keep'>,
  service: string,
): Promise<number[]> {
  const [traces, metrics, window] = [await desk.traces(), await desk.metrics(service), await desk.window()];
  const seen = [observeTraces(service, traces, window), observeMetrics(service, metrics, window)];
  const kept: number[] = [];
  for (const one of seen) {
    if (one.empty) continue;
    kept.push((await notebook.keep(`survey:${service}:${one.kind}`, one)).number);
  }
  return kept;
}
