import type { ChartMark, LogChart } from '../../domain/chart.ts';
import { inertCaption } from './inert-caption.ts';
import type { LogRow } from './read-evidence.ts';
import { clockOf, short } from './say-numbers.ts';

const captionMax = 150;

/** How the blamed lines came among all others. */
export function tellLogs(service: string, row: LogRow, marks: readonly ChartMark[]): LogChart | null {
  const { bursts, templates } = row;
  const [first] = templates;
  if (first === undefined || bursts.times.length < 3) return null;
  const perMinute = (side: 'before' | 'after'): number => {
    const counted = bursts.blamed.filter(
      (value, index): value is number =>
        value !== null && (bursts.times[index] ?? 0) >= bursts.onset === (side === 'after'),
    );
    const total = counted.reduce((sum, value) => sum + value, 0);
    return counted.length === 0 ? 0 : (total / counted.length / bursts.stepS) * 60;
  };
  const [before, after] = [perMinute('before'), perMinute('after')];
  if (after <= before) return null;
  const verb = before === 0 ? 'logs a new kind of trouble' : 'logs more trouble';
  return {
    kind: 'logs',
    title: `${service} ${verb} since ${clockOf(bursts.onset)}`,
    subtitle: `These lines: ${short(before)} a minute before, ${short(after)} a minute now`,
    onset: bursts.onset,
    marks,
    stepS: bursts.stepS,
    times: bursts.times,
    blamed: bursts.blamed,
    others: bursts.others,
    template: inertCaption(first.text, captionMax),
  };
}
