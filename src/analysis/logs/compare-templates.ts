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
  /** Places of all its lines in the given windows. */
  readonly places: { readonly baseline: readonly number[]; readonly incident: readonly number[] };
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
  const before = new Map<number, number[]>();
  const after = new Map<number, { places: number[]; severe: number }>();
  const ids = [...baseline, ...incident].map((line) => miner.add(line.text));
  const idOf = (index: number): number => miner.resolve(ids[index] ?? 0);
  for (const index of baseline.keys()) {
    const places = before.get(idOf(index)) ?? [];
    places.push(index);
    before.set(idOf(index), places);
  }
  for (const [index, line] of incident.entries()) {
    const id = idOf(baseline.length + index);
    const seen = after.get(id) ?? { places: [], severe: 0 };
    seen.places.push(index);
    if (line.severe) seen.severe += 1;
    after.set(id, seen);
  }
  const scale = incidentSeconds / Math.max(baselineSeconds, 1);
  return miner
    .templates()
    .map((template) => {
      const places = {
        baseline: before.get(template.id) ?? [],
        incident: after.get(template.id)?.places ?? [],
      };
      const was = places.baseline.length;
      const count = places.incident.length;
      const expected = was * scale;
      const surprise = (count - expected) / Math.sqrt(expected + 1 + was * scale * scale);
      const change = changeOf(was, count, expected, surprise);
      return {
        text: template.text,
        count,
        baseline: was,
        change,
        score: change === 'steady' ? 0 : saturate(Math.abs(surprise), 3),
        errorShare: count === 0 ? 0 : (after.get(template.id)?.severe ?? 0) / count,
        example: places.incident[0] ?? -1,
        places,
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
