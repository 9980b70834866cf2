import type { TroubleKind } from '../../analysis/culprits/symptoms.ts';
import type { Alert } from '../../domain/alert.ts';
import { judgeAlerts } from './judge-alerts.ts';
import { judgeAnswers } from './judge-answers.ts';
import { judgeErrors } from './judge-errors.ts';
import { judgeLatency } from './judge-latency.ts';
import type { Blame, Judgement, ServiceSignals } from './judgement.ts';
import { quoteOf } from './log-signals.ts';
import { shorten } from './say-signals.ts';

export function judgeService(service: string, alerts: readonly Alert[], signals: ServiceSignals): Judgement {
  const { traces, metrics, logs } = signals;
  const kinds = new Map<TroubleKind, number>();
  const reasons: { text: string; weight: number }[] = [];
  const note = (kind: TroubleKind, weight: number): void => {
    kinds.set(kind, Math.max(kinds.get(kind) ?? 0, weight));
  };
  const say = (text: string, weight: number): void => void reasons.push({ text, weight });

  const errors = judgeErrors(service, traces);
  const latency = judgeLatency(service, traces);
  for (const [kind, weight] of [...errors.kinds, ...latency.kinds]) note(kind, weight);
  for (const reason of [...errors.reasons, ...latency.reasons]) say(reason.text, reason.weight);

  const changed = judgeAnswers(service, traces);
  let own = Math.max(errors.own * (1 - 0.5 * changed.blamed), latency.own, changed.own);
  let abnormal = Math.max(errors.seen, latency.seen, changed.own);
  if (changed.own > 0) {
    note('errors', 0.8);
    note('rejections', 0.5);
    for (const reason of changed.reasons) say(reason, 0.95);
  }
  for (const one of metrics?.signals ?? []) {
    if (one.score < 0.35) continue;
    say(one.text, one.score * 0.9);
    if (one.kind === 'down') {
      note('crash', one.score);
      note('errors', one.score);
      // A process that is too busy to answer its monitoring looks the same from outside.
      for (const kind of ['saturation', 'cpu', 'latency', 'timeouts'] as const) note(kind, 0.8 * one.score);
      own = Math.max(own, 0.85 * one.score);
    } else if (one.kind === 'descriptor-leak' || one.kind === 'memory-leak') {
      note(one.kind, one.score);
      own = Math.max(own, (one.kind === 'descriptor-leak' ? 0.6 : 0.4) * one.score);
    } else if (one.kind === 'saturation' || one.kind === 'cpu') {
      note(one.kind, one.score * 0.7);
      if (latency.own > 0.3) own = Math.max(own, Math.min(0.9, latency.own + 0.15 * one.score));
    } else if (
      one.kind === 'errors' ||
      one.kind === 'rejections' ||
      one.kind === 'latency' ||
      one.kind === 'traffic'
    ) {
      note(one.kind, one.score);
      if (traces === null || traces.traces.after === 0) own = Math.max(own, 0.5 * one.score);
    }
    if (one.kind !== 'other' && one.kind !== 'requests')
      abnormal = Math.max(
        abnormal,
        one.score * (one.kind === 'memory-leak' || one.kind === 'cpu' ? 0.5 : 0.9),
      );
  }
  if (logs !== null && logs.score > 0.2) {
    abnormal = Math.max(abnormal, 0.75 * logs.score);
    const [first] = logs.templates;
    if (first !== undefined)
      say(`it logs "${shorten(quoteOf(first.line))}" ×${first.count}`, 0.7 * logs.score);
    if (logs.frames.length > 0) own = Math.max(own, errors.blames.length === 0 ? 0.5 : 0.2);
  }
  const seen = Math.min(1, Math.max(abnormal, own));
  const alerted = judgeAlerts(service, alerts);
  for (const [kind, weight] of alerted) note(kind, weight);
  if (alerted.size > 0 || alerts.some((alert) => alert.labels['service'] === service)) {
    abnormal = Math.max(abnormal, 0.5);
    const leaking = alerted.has('descriptor-leak') || alerted.has('memory-leak');
    // An alert about growth is taken at its word, but not against what the series shows.
    const growing = metrics?.signals.some((one) => one.kind.endsWith('leak') && one.score > 0.1) ?? true;
    if (leaking) own = Math.max(own, growing ? 0.7 : 0.3);
    if (alerted.has('crash')) own = Math.max(own, 0.7);
    say(sayAlert(service, alerts), 0.3);
  }
  const blames = mergeBlames([...errors.blames, ...latency.blames, ...changed.blames]);
  return {
    service,
    abnormal: Math.min(1, Math.max(abnormal, own)),
    seen,
    own: Math.min(1, own),
    blames,
    kinds,
    reasons: reasons.toSorted((a, b) => b.weight - a.weight).map((reason) => reason.text),
    origins: errors.origins,
    slow: latency.own > errors.own,
    troubled: [...new Set([...errors.troubled, ...latency.troubled, ...changed.troubled])],
  };
}

function sayAlert(service: string, alerts: readonly Alert[]): string {
  const alert = alerts.find((one) => one.labels['service'] === service);
  const words = alert?.annotations['summary'] ?? alert?.labels['alertname'];
  return words === undefined ? 'it alerted' : shorten(words);
}

function mergeBlames(blames: readonly Blame[]): Blame[] {
  const merged = new Map<string, Blame>();
  for (const blame of blames) {
    const known = merged.get(blame.service);
    if (known === undefined || known.share < blame.share) merged.set(blame.service, blame);
  }
  return [...merged.values()].filter((one) => one.share > 0.05).toSorted((a, b) => b.share - a.share);
}
