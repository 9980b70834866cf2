import { analyzeIncident } from '../../../src/analysis/ranking/analyze-incident.ts';
import type { IncidentInput } from '../../../src/analysis/ranking/incident-input.ts';
import type { Figure } from '../../benchmark.ts';
import { bootstrap, mean, round } from '../part.ts';
import type { Confidence } from './judge-confidence.ts';

/** In how many normal windows nothing is said to stand out. */
export function judgeQuiet(
  metric: string,
  windows: readonly IncidentInput[],
  say: (line: string) => void,
): Figure {
  const quiet = windows.map((input) => {
    const answer = analyzeIncident(input);
    const ok = answer.outcome === 'nothing stands out';
    if (!ok)
      say(`${input.id}: ${answer.ranking[0]?.service} stands out: ${answer.ranking[0]?.reasons[0] ?? ''}`);
    return ok ? 1 : 0;
  });
  const { low, high } = bootstrap(quiet, (drawn) => mean(drawn));
  return {
    metric,
    value: round(mean(quiet)),
    unit: 'share of windows',
    target: `at least 0.95; 95 % interval ${round(low)} to ${round(high)}, ${windows.length} windows`,
    ok: mean(quiet) >= 0.95,
  };
}

/** A window in which nothing is wrong, as a case of confidence: whatever is said of the first is too much. */
export function sayOf(input: IncidentInput): Confidence {
  return { said: analyzeIncident(input).ranking[0]?.score ?? 0, right: false };
}
