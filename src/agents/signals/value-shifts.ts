import { compareParameters, compareValues, type Shift } from '../../analysis/logs/compare-parameters.ts';
import type { LogLine } from '../../ports/log-source.ts';
import { shorten } from './say-signals.ts';

/** What lines that are written in good times, too, say differently now. */
export interface ValueShift {
  readonly text: string;
  readonly score: number;
}

const mostValues = 400;
const mostKeys = 400;
const leastScore = 0.5;
const mostShifts = 4;
/** Times and identifiers move always. */
const alwaysNew =
  /(?:^|[._-])(?:id|ids|ts|time|timestamp|at|date|port|pid|seq|sequence|hash|sha|commit|token|key|uuid|offset)$/i;

/** Numbers that moved and categories that took over: first by field, then within the messages themselves. */
export function readShifts(before: readonly LogLine[], after: readonly LogLine[]): ValueShift[] {
  const was = valuesByField(before);
  const inFields = [...valuesByField(after)].flatMap(([name, values]) => {
    const known = was.get(name);
    const shift = known === undefined ? null : compareValues(known, values);
    const [message = '', key = ''] = name.split('\u0000');
    return shift === null
      ? []
      : [{ text: `${key} of "${shorten(message)}" ${say(shift)}`, score: shift.score }];
  });
  const inMessages = compareParameters(
    before.map((line) => line.message),
    after.map((line) => line.message),
  );
  return [...inFields, ...inMessages]
    .filter((one) => one.score >= leastScore)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, mostShifts)
    .map(({ text, score }) => ({ text, score }));
}

function say(shift: Shift): string {
  return shift.kind === 'number'
    ? `went from ${shift.before} to ${shift.after}`
    : `is now often ${shift.after}`;
}

function valuesByField(lines: readonly LogLine[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  // The newest of each: what counts is how it is by now, and how it was right before.
  for (const line of lines.toReversed())
    for (const [key, value] of Object.entries(line.fields)) {
      if (value === null || alwaysNew.test(key) || String(value).length > 60) continue;
      const name = `${line.message}\u0000${key}`;
      const known = values.get(name);
      if (known === undefined) {
        if (values.size < mostKeys) values.set(name, [String(value)]);
      } else if (known.length < mostValues) known.push(String(value));
    }
  return new Map([...values].map(([name, list]) => [name, list.reverse()]));
}
