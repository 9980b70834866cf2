import { compareTemplates, type MinedLine } from '../logs/compare-templates.ts';
import { learnLevel } from '../logs/learn-level.ts';
import type { IncidentInput } from './incident-input.ts';

/** What one service's log shows, 0–1. */
export interface ServiceLogs {
  readonly service: string;
  readonly weight: number;
  /** It wrote before and is silent now. */
  readonly silent: number;
  readonly reasons: readonly { readonly weight: number; readonly text: string }[];
}

const mostLines = 50_000;

export function weighLogs(logs: NonNullable<IncidentInput['logs']>, at: number): Map<string, ServiceLogs> {
  if (logs.length === 0) return new Map();
  let from = at;
  let to = at;
  for (const { time } of logs) {
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  const secondsBefore = Math.max(at - from, 1);
  const secondsAfter = Math.max(to - at, 1);
  const found = new Map<string, ServiceLogs>();
  for (const [service, lines] of Map.groupBy(logs, (line) => line.service)) {
    const mined = (list: typeof lines): MinedLine[] =>
      list.slice(-mostLines).map(({ line }) => ({ text: line, severe: learnLevel(line) === 'error' }));
    const before = mined(lines.filter((line) => line.time < at));
    const after = mined(lines.filter((line) => line.time >= at));
    found.set(service, weigh(service, before, after, secondsBefore, secondsAfter));
  }
  return found;
}

function weigh(
  service: string,
  before: readonly MinedLine[],
  after: readonly MinedLine[],
  secondsBefore: number,
  secondsAfter: number,
): ServiceLogs {
  const expected = (before.length * secondsAfter) / secondsBefore;
  const silent = expected >= 10 && after.length < expected * 0.2 ? 1 - after.length / expected : 0;
  const reasons: { weight: number; text: string }[] = [];
  for (const template of compareTemplates(before, after, secondsBefore, secondsAfter)) {
    if (template.change === 'steady') continue;
    // Without a time before nothing is new; what complains still tells a little.
    const known = before.length > 0 ? 1 : 0.4;
    const kind = template.change === 'new' ? 0.8 : template.change === 'bursting' ? 0.7 : 0.35;
    const weight = template.score * kind * known * (0.25 + 0.75 * template.errorShare);
    if (weight < 0.05) continue;
    reasons.push({
      weight,
      text: `log line ${template.change}, ${template.count} times (${template.baseline} before): ${template.text.slice(0, 160)}`,
    });
  }
  reasons.sort((a, b) => b.weight - a.weight);
  const miss = reasons.slice(0, 3).reduce((product, reason) => product * (1 - reason.weight), 1);
  return {
    service,
    weight: 1 - miss,
    silent,
    reasons: [
      ...(silent > 0
        ? [
            {
              weight: silent * 0.6,
              text: `its log fell to ${after.length} lines where ${Math.round(expected)} were usual`,
            },
          ]
        : []),
      ...reasons.slice(0, 3),
    ],
  };
}
