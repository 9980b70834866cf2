import type { ComparedTemplate } from '../../analysis/logs/compare-templates.ts';
import type { LogLine } from '../../ports/log-source.ts';
import type { IncidentWindow } from './incident-window.ts';

/** Lines counted in steps of time; null in a step whose lines were not read. */
export interface LogBursts {
  /** Unix seconds, as `times`, where steps begin. */
  readonly onset: number;
  readonly stepS: number;
  readonly times: readonly number[];
  readonly blamed: readonly (number | null)[];
  readonly others: readonly (number | null)[];
}

interface Read {
  readonly lines: readonly LogLine[];
  readonly truncated: boolean;
}

const mostBlamed = 3;
const mostSteps = 40;
/** Steps that people think in: a minute where the window allows it. */
const stepsS = [2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Steps begin at the onset, so that no bar mixes before and after. */
export function countBursts(
  before: Read,
  after: Read,
  templates: readonly ComparedTemplate[],
  window: IncidentWindow,
): LogBursts | null {
  const blamed = templates.slice(0, mostBlamed);
  if (blamed.length === 0) return null;
  const onset = window.onset.getTime() / 1000;
  const [from, to] = [window.baselineFrom.getTime() / 1000, window.to.getTime() / 1000];
  const stepS = stepsS.find((step) => (to - from) / step <= mostSteps) ?? Math.ceil((to - from) / mostSteps);
  const back = Math.floor((onset - from) / stepS);
  // A step that has not ended would look like a fall.
  const steps = back + Math.max(1, Math.floor((to - onset) / stepS));
  const start = onset - back * stepS;
  const counts = Array.from({ length: steps }, () => ({ blamed: 0, others: 0 }));

  for (const [read, side] of [
    [before, 'baseline'],
    [after, 'incident'],
  ] as const) {
    const places = new Set(blamed.flatMap((one) => one.places[side]));
    for (const [place, line] of read.lines.entries()) {
      const count = counts[Math.floor((line.at.getTime() / 1000 - start) / stepS)];
      if (count === undefined) continue;
      count[places.has(place) ? 'blamed' : 'others'] += 1;
    }
  }
  const unread = (index: number): boolean => {
    const at = start + index * stepS;
    const read = at < onset ? before : after;
    const first = read.lines[0]?.at.getTime();
    return read.truncated && first !== undefined && at < first / 1000;
  };
  return {
    onset: Math.round(onset),
    stepS,
    times: counts.map((_, index) => Math.round(start + index * stepS)),
    blamed: counts.map((one, index) => (unread(index) ? null : one.blamed)),
    others: counts.map((one, index) => (unread(index) ? null : one.others)),
  };
}
