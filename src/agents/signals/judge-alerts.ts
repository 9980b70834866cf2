import type { TroubleKind } from '../../analysis/culprits/symptoms.ts';
import { type Alert, alertName } from '../../domain/alert.ts';

/** Kind of trouble from the alert's words: its expression's metric names, its own name and labels. */
export function judgeAlerts(service: string, alerts: readonly Alert[]): Map<TroubleKind, number> {
  const kinds = new Map<TroubleKind, number>();
  for (const alert of alerts) {
    if (alert.labels['service'] !== service) continue;
    const text = `${alertName(alert)} ${decode(alert.generatorUrl ?? '')}`;
    const rules: [RegExp, TroubleKind][] = [
      [/open_fds|descriptor/i, 'descriptor-leak'],
      [/resident_memory|[Hh]eap|[Mm]emory|\bOOM/, 'memory-leak'],
      [/p9\d|latency|slow|duration.*quantile|quantile/i, 'latency'],
      [/eventloop|saturat|queue|in_flight|pool/i, 'saturation'],
      [/\bup\b|down|restart|crash/i, 'crash'],
      [/error|5\.\.|fail/i, 'errors'],
    ];
    for (const [pattern, kind] of rules) if (pattern.test(text)) kinds.set(kind, 0.8);
  }
  return kinds;
}

function decode(url: string): string {
  try {
    return decodeURIComponent(url.replaceAll('+', ' '));
  } catch {
    return url;
  }
}
