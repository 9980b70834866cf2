import type { Evidence } from '../domain/evidence.ts';
import type { Notebook } from './investigator.ts';
import type { IncidentWindow } from './signals/incident-window.ts';
import { judgeService } from './signals/judge-service.ts';
import type { Judgement, ServiceSignals } from './signals/judgement.ts';
import { observeLogs } from './tools/log-templates.ts';
import { observeMetrics } from './tools/metric-overview.ts';
import type { ToolContext } from './tools/tool.ts';
import { observeTraces } from './tools/trace-edges.ts';
import { observeSlowRequest, observeTrace } from './tools/trace-tree.ts';

/** What a service's telemetry shows, with the evidence that was kept of it. */
export interface Look {
  readonly service: string;
  readonly window: IncidentWindow;
  readonly signals: ServiceSignals;
  readonly judgement: Judgement;
  readonly evidence: readonly Evidence[];
}

/** Signals of any service without keeping evidence: for looking at a caller's words. */
export async function readService(context: ToolContext, service: string): Promise<Omit<Look, 'evidence'>> {
  const { desk, assignment } = context;
  const [traces, metrics, logs] = await Promise.all([
    desk.traces(),
    desk.metrics(service),
    desk.logs(service),
  ]);
  const signals = { traces, metrics, logs };
  const judgement = judgeService(service, assignment.alerts, signals);
  return { service, window: await desk.window(), signals, judgement };
}

export async function lookAtService(context: ToolContext, notebook: Notebook): Promise<Look> {
  const look = await readService(context, context.assignment.service.name);
  const { service, signals, window, judgement } = look;
  const seen = [
    observeMetrics(service, signals.metrics, window),
    observeTraces(service, signals.traces, window),
    observeLogs(service, signals.logs, window),
  ];
  // What most requests through here suffer from, wherever it begins; else the little that begins here.
  const origin = signals.traces?.origins.find((one) => one.path.includes(service)) ?? judgement.origins[0];
  if (signals.traces !== null && origin !== undefined)
    seen.push(observeTrace(service, signals.traces, origin.traceId, origin));
  const slow = signals.traces === null ? null : observeSlowRequest(service, signals.traces);
  if (slow !== null) seen.push(slow);
  const evidence: Evidence[] = [];
  for (const [place, one] of seen.entries())
    evidence.push(await notebook.keep(`look:${place}:${one.kind}`, one));
  return { ...look, evidence };
}

/** Numbers of the evidence that shows something, of the given kinds. */
export function cite(evidence: readonly Evidence[], kinds: readonly Evidence['kind'][]): number[] {
  return evidence.filter((one) => !one.empty && kinds.includes(one.kind)).map((one) => one.number);
}
