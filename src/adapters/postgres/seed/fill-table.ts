import { escapeIdentifier, escapeLiteral } from 'pg';
import { type ColumnFill, fillUsed, kindOf } from '../trial/fill-column.ts';
import type { ReplicaColumn, ReplicaTable } from '../trial/read-replica-facts.ts';
import { hideValues } from './hide-values.ts';
import type { SchemaColumn, SchemaTable } from './read-schema.ts';

/** Where a partition's own condition goes, which only the replica knows. */
export const partitionMark = '/*partition*/';

/**
 * An `insert` of `$1` made-up rows; null when nothing has to be given, since the table has no column to fill.
 * @param keys of the table, and of what it is a partition of: columns that no two rows share
 */
export function writeInsert(
  table: SchemaTable,
  statistics: ReplicaTable | undefined,
  keys: readonly (readonly string[])[],
  rows: number,
): string | null {
  const single = new Set(keys.flatMap((key) => (key.length === 1 ? key : [])));
  const values: { readonly name: string; readonly value: string }[] = [];
  const randoms = new Set<string>();
  const steps: string[] = [];
  for (const [at, column] of table.columns.entries()) {
    if (column.generated || column.identity !== '') continue;
    const known = statistics?.columns.find(({ name }) => name === column.name);
    const fill = fillColumn(column, known, {
      rows,
      of: statistics?.rows ?? 0,
      at,
      isKey: single.has(column.name),
    });
    if (fill === null) continue;
    values.push({ name: column.name, value: fill.expression });
    for (const name of fill.randoms) randoms.add(name);
    for (const step of fill.steps) steps.push(`${step.expression} as ${step.name}`);
  }
  if (values.length === 0) return `insert into ${nameOf(table)} select from generate_series(1, $1)`;
  const names = values.map(({ name }) => escapeIdentifier(name)).join(', ');
  const source = ['i', '$1::bigint as n', ...[...randoms].map((random) => `random() as ${random}`)];
  const made = values.map(({ name, value }) => `${value} as ${escapeIdentifier(name)}`);
  const drawn = `(select ${source.join(', ')} from generate_series(1, $1) i offset 0) drawn`;
  const placed = `(select ${['*', ...steps].join(', ')} from ${drawn} offset 0) placed`;
  return `insert into ${nameOf(table)} (${names}) select ${names} from (select ${made.join(', ')} from ${placed}) made where ${partitionMark}`;
}

export function nameOf({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}

/** Null: the column's default, or null, is as good as anything. */
function fillColumn(
  column: SchemaColumn,
  known: ReplicaColumn | undefined,
  { rows, of, at, isKey }: { rows: number; of: number; at: number; isKey: boolean },
): ColumnFill | null {
  const kind = known === undefined ? 'unknown' : kindOf(known.family);
  if (known === undefined || kind === 'unknown' || kind === 'plain') {
    if (column.default !== null || !column.notNull) return null;
    return constant(`${escapeLiteral(plainest(column))}::${column.type}`);
  }
  if (isKey && (kind === 'whole' || kind === 'number')) return constant(`i::${known.type}`);
  const hidden = hideValues(known, of);
  const asked = isKey
    ? { ...hidden, distinct: -1, correlation: 1, nullFraction: 0, common: [], frequencies: [] }
    : hidden;
  return fillUsed(column.notNull ? { ...asked, nullFraction: 0 } : asked, rows, at);
}

function constant(expression: string): ColumnFill {
  return { expression, randoms: [], steps: [] };
}

const plainestOf: Readonly<Record<string, string>> = {
  json: '{}',
  jsonb: '{}',
  inet: '127.0.0.1',
  cidr: '127.0.0.0/8',
  macaddr: '00:00:00:00:00:00',
  macaddr8: '00:00:00:00:00:00:00:00',
  interval: '0',
  time: '00:00',
  timetz: '00:00+00',
  timestamp: '2020-01-01',
  timestamptz: '2020-01-01',
  date: '2020-01-01',
  uuid: '00000000-0000-0000-0000-000000000000',
  bool: 'false',
  xml: '<x/>',
  point: '(0,0)',
  bit: '0',
};

/** The text of a value that says nothing. */
function plainest({ base, category }: SchemaColumn): string {
  const known = plainestOf[base];
  if (known !== undefined) return known;
  if (category === 'A') return '{}';
  if (category === 'R') return base.endsWith('multirange') ? '{}' : 'empty';
  return category === 'N' ? '0' : '';
}
