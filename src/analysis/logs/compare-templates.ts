import { saturate } from '../series/robust-statistics.ts';
import { TemplateMiner } from './template-miner.ts';

export type TemplateChange = 'new' | 'bursting' | 'vanished' | 'steady';

export interface ComparedTemplate {
  readonly text: string;
  /** Lines in the incident window, and in the baseline. */
  readonly count: number;
  readonly baseline: number;
  readonly change: TemplateChange;
  /** 0–1, how surely its rate changed. */
  readonly score: number;
  /** Share of its incident lines at level error or worse. */
  readonly errorShare: number;
  /** Place in the given incident lines of one that shows it; −1 when it vanished. */
  readonly example: number;
}

export interface MinedLine {
  readonly text: string;
  readonly severe: boolean;
}

/**
 * Templates of both windows side by side, those that changed most first.
 * @param baselineSeconds how long each window lasted, so that rates compare
 */
export function compareTemplates(
  baseline: readonly MinedLine[],
  incident: readonly MinedLine[],
  baselineSeconds: number,
  incidentSeconds: number,
): ComparedTemplate[] {
  const miner = new TemplateMiner();
  const before = new Map<number, number>();
  const after = new Map<number, { count: number; severe: number; example: number }>();
  const ids = [...baseline, ...incident].map((line) => miner.add(line.text));
  const idOf = (index: number): number => miner.resolve(ids[index] ?? 0);
  for (const index of baseline.keys()) before.set(idOf(index), (before.get(idOf(index)) ?? 0) + 1);
  for (const [index, line] of incident.entries()) {
    const id = idOf(baseline.length + index);
    const seen = after.get(id) ?? { count: 0, severe: 0, example: index };
    seen.count += 1;
    if (line.severe) seen.severe += 1;
    after.set(id, seen);
  }
  const scale = incidentSeconds / Math.max(baselineSeconds, 1);
  return miner
    .templates()
    .map((template) => {
      const was = before.get(template.id) ?? 0;
      const now = after.get(template.id) ?? { count: 0, severe: 0, example: -1 };
      const expected = was * scale;
      const surprise = (now.count - expected) / Math.sqrt(expected + 1 + was * scale * scale);
      const change = changeOf(was, now.count, expected, surprise);
      return {
        text: template.text,
        count: now.count,
        baseline: was,
        change,
        score: change === 'steady' ? 0 : saturate(Math.abs(surprise), 3),
        errorShare: now.count === 0 ? 0 : now.severe / now.count,
        example: now.example,
      };
    })
    .toSorted((a, b) => weight(b) - weight(a) || b.count - a.count);
}

function changeOf(was: number, now: number, expected: number, surprise: number): TemplateChange {
  if (was === 0 && now > 0) return 'new';
  if (now > expected * 1.8 && surprise > 2.5) return 'bursting';
  if (now < expected * 0.2 && surprise < -2) return 'vanished';
  return 'steady';
}

function weight(template: ComparedTemplate): number {
  const kind = template.change === 'new' ? 1 : template.change === 'bursting' ? 0.8 : 0.4;
  return template.score * kind * (0.3 + template.errorShare);
}
