import { escapeLiteral } from 'pg';
import type { ReplicaColumn } from './read-replica-facts.ts';

/** Rows wider than about 2 kB would be compressed away. */
const widestFiller = 1_500;

/**
 * How a made-up value of a column is computed: an SQL expression over `i` (the row's number, from 1), `n` (all rows) and as
 * many independent numbers in [0, 1) as it asks for.
 */
export interface ColumnFill {
  readonly expression: string;
  /** Names of the random numbers in it, and in `steps`. */
  readonly randoms: readonly string[];
  /** What it needs more than once, computed before it. */
  readonly steps: readonly { readonly name: string; readonly expression: string }[];
}

/** A column that the statement does not look at only has to be as wide as it is. */
export function fillUnused(column: ReplicaColumn): ColumnFill {
  const width = Math.max(0, Math.min(Math.round(column.width ?? 8), widestFiller));
  const value = (column.nullFraction ?? 0) >= 0.5 ? 'null' : fillerOf(column.family, width);
  return { expression: value, randoms: [], steps: [] };
}

function fillerOf(family: string, width: number): string {
  switch (kindOf(family)) {
    case 'whole':
    case 'number':
      return '0';
    case 'time':
      return 'now()';
    case 'text':
      return `repeat('x', ${Math.max(0, width - 1)})`;
    case 'uuid':
      return `'00000000-0000-0000-0000-000000000000'`;
    case 'bool':
      return 'false';
    case 'plain':
      if (family === 'bytea') return `decode(repeat('00', ${width}), 'hex')`;
      if (family === 'json' || family === 'jsonb') return `('"' || repeat('x', ${width}) || '"')::jsonb`;
      return 'null';
    case 'enum':
      return 'null';
    default:
      // It stands as text on the replica.
      return `repeat('x', ${width})`;
  }
}

type Kind = 'whole' | 'number' | 'time' | 'text' | 'uuid' | 'bool' | 'enum' | 'plain' | 'unknown';

export function kindOf(family: string): Kind {
  if (/^(int2|int4|int8|oid)$/.test(family)) return 'whole';
  if (/^(numeric|float4|float8)$/.test(family)) return 'number';
  if (/^(timestamp|timestamptz|date)$/.test(family)) return 'time';
  if (/^(text|varchar|bpchar|name|citext)$/.test(family)) return 'text';
  if (family === 'uuid' || family === 'bool' || family === 'enum') return family;
  return family === 'other' ? 'unknown' : 'plain';
}

/**
 * A column that the statement or an index looks at follows the target's statistics: share of nulls, common values with
 * their frequencies, and the histogram for the rest, with as many different values and the same order on disk.
 * @param rows how many the replica has
 * @param at tells this column's random numbers from the others'
 * @returns null when the statistics do not say enough
 */
export function fillUsed(column: ReplicaColumn, rows: number, at: number): ColumnFill | null {
  const { distinct, common, frequencies, correlation } = column;
  if (distinct === null || kindOf(column.family) === 'unknown') return null;
  const pick = `r${at}a`;
  const place = `r${at}b`;
  const stray = `r${at}c`;

  const nulls = column.nullFraction ?? 0;
  const starts: number[] = [];
  let sum = nulls;
  for (const frequency of frequencies) {
    starts.push(sum);
    sum += frequency;
  }
  const different = distinct > 0 ? distinct : -distinct * rows;
  const rest = Math.max(1, Math.round(different - common.length));
  const near = Math.min(Math.abs(correlation ?? 0), 1);
  // Half a row in, so that rounding never takes two rows to one place.
  const along = (correlation ?? 0) < 0 ? '(n - i + 0.5) / n' : '(i - 0.5) / n';
  // Another prime than 1000003 would do; every row has a place of its own as long as it does not divide their number.
  const elsewhere = rest >= rows * 0.99 ? '(i * 1000003 % n + 0.5) / n' : place;
  const position =
    near > 0.98
      ? along
      : near < 0.1
        ? elsewhere
        : `case when ${stray} < ${near} then ${along} else ${elsewhere} end`;
  const which = `w${at}`;
  const branches = [
    ...(nulls > 0 ? [`when ${pick} < ${nulls} then null`] : []),
    ...(common.length > 0
      ? [
          `when ${pick} < ${sum} then (${arrayLiteral(common, column.type)})[width_bucket(${pick}, ${numberArray(starts)})]`,
        ]
      : []),
  ];
  const value = `(${restOf(column, rest, which)})::${column.type}`;
  const expression = branches.length === 0 ? value : `case ${branches.join(' ')} else ${value} end`;
  const randoms = [pick, place, stray].filter((name) => `${expression} ${position}`.includes(name));
  return { expression, randoms, steps: [{ name: which, expression: `floor((${position}) * ${rest})` }] };
}

/** @param which holds the number of the value among `rest` different ones, in order */
function restOf(column: ReplicaColumn, rest: number, which: string): string {
  const kind = kindOf(column.family);
  const bounds = column.bounds.flatMap((bound) => bound ?? []);
  const numbers =
    kind === 'time'
      ? column.numbers.flatMap((number) => number ?? [])
      : bounds.map(Number).filter((number) => Number.isFinite(number));
  switch (kind) {
    case 'whole':
    case 'number':
    case 'time': {
      const number = between(numbers.length > 1 ? numbers : [0, rest], which, rest);
      if (kind === 'time') return `to_timestamp(${number})`;
      return kind === 'whole' ? `floor(${number})` : number;
    }
    case 'uuid':
      return `md5(${which}::text)`;
    case 'text':
      return bounds.length > 0
        ? `${bucketOf(bounds, which, rest)} || '~' || ${which}::text`
        : `'v' || ${which}::text`;
    case 'bool':
      return 'false';
    case 'enum':
      return escapeLiteral(column.labels[0] ?? '');
    default:
      return bounds.length > 0 ? bucketOf(bounds, which, rest) : 'null';
  }
}

/** Along the histogram, on a straight line between two bounds. */
function between(numbers: readonly number[], which: string, rest: number): string {
  const buckets = numbers.length - 1;
  const along = `(${which} * ${buckets / rest})`;
  const low = `(${numberArray(numbers)})[least(floor(${along})::int + 1, ${numbers.length})]`;
  const high = `(${numberArray(numbers)})[least(floor(${along})::int + 2, ${numbers.length})]`;
  return `(${low} + (${high} - ${low}) * (${along} - floor(${along})))`;
}

function bucketOf(bounds: readonly string[], which: string, rest: number): string {
  return `(${arrayLiteral(bounds, 'text')})[floor(${which} * ${bounds.length / rest})::int + 1]`;
}

function numberArray(numbers: readonly number[]): string {
  return `'{${numbers.join(',')}}'::float8[]`;
}

function arrayLiteral(values: readonly (string | null)[], type: string): string {
  const items = values.map((value) =>
    value === null ? 'NULL' : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
  );
  return `${escapeLiteral(`{${items.join(',')}}`)}::${type}[]`;
}
