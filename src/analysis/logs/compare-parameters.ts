import { median, quantile, riseOfShare } from '../series/robust-statistics.ts';
import { TemplateMiner } from './template-miner.ts';

/** A value in a template that is not what it was. */
export interface ParameterShift {
  readonly template: string;
  /** Which of the template's values, from 0. */
  readonly place: number;
  readonly kind: 'number' | 'category';
  /** Medians, or what came to be said where it was rare before. */
  readonly before: string;
  readonly after: string;
  /** Lines of the template in each window. */
  readonly lines: { readonly before: number; readonly after: number };
  /** 0–1, how surely it shifted. */
  readonly score: number;
  readonly text: string;
}

/** Values kept for a place and a window: enough for a median, whatever streams by. */
const mostKept = 400;
const mostPlaces = 12;
const leastLines = 8;
/** Of all pairs of a value before and one after, the share that must be in order. */
const leastOrder = 0.75;
const leastRatio = 1.3;
/** More different values than this are identifiers, of which new ones come always. */
const mostCategories = 12;

interface Kept {
  readonly before: string[][];
  readonly after: string[][];
  counts: { before: number; after: number };
}

/** Numbers that moved and categories that took over, within templates that both windows have; the surest first. */
export function compareParameters(baseline: Iterable<string>, incident: Iterable<string>): ParameterShift[] {
  const miner = new TemplateMiner();
  const kept = new Map<number, Kept>();
  const read = (lines: Iterable<string>, window: 'before' | 'after'): void => {
    for (const line of lines) {
      const { id, values } = miner.read(line);
      let one = kept.get(id);
      if (one === undefined) {
        one = { before: [], after: [], counts: { before: 0, after: 0 } };
        kept.set(id, one);
      }
      one.counts[window] += 1;
      keep(one[window], joinUnits(values), one.counts[window]);
    }
  };
  read(baseline, 'before');
  read(incident, 'after');
  const texts = new Map(miner.templates().map((template) => [template.id, template.text]));
  return [...kept]
    .flatMap(([id, one]) => {
      const template = texts.get(miner.resolve(id));
      if (template === undefined || one.counts.before < leastLines || one.counts.after < leastLines)
        return [];
      return one.before.flatMap((before, place) => {
        const after = one.after[place] ?? [];
        const shift = compareValues(before, after);
        return shift === null ? [] : [describe(template, place, shift, one.counts)];
      });
    })
    .toSorted((a, b) => b.score - a.score);
}

export type Shift = Pick<ParameterShift, 'kind' | 'before' | 'after' | 'score'>;

/** The same for values that somebody has told apart already, such as those of a field. Null where nothing shifted. */
export function compareValues(before: readonly string[], after: readonly string[]): Shift | null {
  if (before.length < leastLines || after.length < leastLines) return null;
  return compareNumbers(before, after) ?? compareCategories(before, after);
}

function describe(
  template: string,
  place: number,
  shift: Shift,
  lines: ParameterShift['lines'],
): ParameterShift {
  const what =
    shift.kind === 'number' ? `went from ${shift.before} to ${shift.after}` : `is now often ${shift.after}`;
  const text = `in "${template}" value ${place + 1} ${what}`;
  return { template, place, ...shift, lines: { ...lines }, text };
}

/** `900 ms` is one value, as `900ms` is. */
function joinUnits(values: readonly string[]): string[] {
  const joined: string[] = [];
  for (const value of values) {
    const last = joined.at(-1);
    if (last !== undefined && value in factors && /^[-+]?\d+(?:\.\d+)?$/.test(last))
      joined[joined.length - 1] = last + value;
    else joined.push(value);
  }
  return joined;
}

/** Keeps the first ones, then every so many. */
function keep(places: string[][], values: readonly string[], count: number): void {
  for (const [place, value] of values.slice(0, mostPlaces).entries()) {
    const list = places[place] ?? [];
    places[place] = list;
    if (list.length < mostKept) list.push(value);
    else if (count % 7 === 0) list[count % mostKept] = value;
  }
}

function compareNumbers(before: readonly string[], after: readonly string[]): Shift | null {
  const was = before.map(toNumber);
  const is = after.map(toNumber);
  if ([...was, ...is].some(Number.isNaN)) return null;
  const sorted = was.toSorted((a, b) => a - b);
  let inOrder = 0;
  for (const value of is) inOrder += (countBelow(sorted, value, false) + countBelow(sorted, value, true)) / 2;
  const order = inOrder / (was.length * is.length);
  const from = median(was);
  const to = median(is);
  const tail = quantile(is, 0.9) / Math.max(quantile(was, 0.9), Number.MIN_VALUE);
  const ratio =
    Math.max(Math.abs(from), Math.abs(to)) /
    Math.max(Math.min(Math.abs(from), Math.abs(to)), Number.MIN_VALUE);
  const sure = Math.abs(order - 0.5) * 2;
  // What only grows, such as an identifier or a position, is always above what it was.
  if (isSequence(was) && isSequence(is)) return null;
  if (sure < 2 * leastOrder - 1 || Math.max(ratio, tail) < leastRatio) return null;
  const certainty = Math.min(1, Math.sqrt(Math.min(was.length, is.length) / 30));
  const inUnit = sayIn([...before, ...after]);
  return { kind: 'number', before: inUnit(from), after: inUnit(to), score: sure * certainty };
}

/** As the lines write it, where all of them use one unit. */
function sayIn(values: readonly string[]): (value: number) => string {
  const units = new Set(values.map((value) => /[a-zA-Zµ%]+(?=[.,]?$)/.exec(value)?.[0] ?? ''));
  const [unit = ''] = units;
  const factor = factors[unit];
  return units.size > 1 || factor === undefined ? say : (value) => `${say(value / factor)} ${unit}`;
}

function compareCategories(before: readonly string[], after: readonly string[]): Shift | null {
  const was = Map.groupBy(before, (value) => value);
  const is = Map.groupBy(after, (value) => value);
  if (is.size > mostCategories || was.size > mostCategories) return null;
  let best: Shift | null = null;
  for (const [value, lines] of is) {
    const score = riseOfShare(
      { hits: was.get(value)?.length ?? 0, total: before.length },
      { hits: lines.length, total: after.length },
    );
    const [common] = [...was].toSorted((a, b) => b[1].length - a[1].length)[0] ?? [''];
    if (score > Math.max(0.5, best?.score ?? 0))
      best = { kind: 'category', before: common, after: value, score };
  }
  return best;
}

function isSequence(values: readonly number[]): boolean {
  let rises = 0;
  for (let i = 1; i < values.length; i += 1) if ((values[i] ?? 0) >= (values[i - 1] ?? 0)) rises += 1;
  return rises >= 0.95 * (values.length - 1) && new Set(values).size > values.length / 2;
}

function countBelow(sorted: readonly number[], value: number, orEqual: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const here = sorted[middle] ?? 0;
    if (here < value || (orEqual && here === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** With the unit that is glued to it, so that 900ms and 1.2s compare. */
const factors: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  '%': 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

function toNumber(text: string): number {
  const match = /^([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)(ns|us|µs|ms|s|%|B|kB|KB|MB|GB|KiB|MiB|GiB)?[.,]?$/.exec(
    text,
  );
  if (match === null) return Number.NaN;
  return Number(match[1]) * (factors[match[2] ?? ''] ?? 1);
}

function say(value: number): string {
  return String(Number(value.toPrecision(3)));
}
