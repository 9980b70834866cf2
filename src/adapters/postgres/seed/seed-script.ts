import { escapeIdentifier, escapeLiteral } from 'pg';
import type { ReplicaTable } from '../trial/read-replica-facts.ts';
import { some, type TableTree } from './choose-tables.ts';
import { nameOf, writeInsert } from './fill-table.ts';
import type { SchemaColumn, SchemaParts, SchemaTable } from './read-schema.ts';
import { attempt, checksOf, makeParts, ownersOf } from './seed-parts.ts';
import { seedEnd, seedProcedures } from './seed-procedures.ts';

export interface SeedFacts {
  readonly schemas: readonly string[];
  readonly trees: readonly TableTree[];
  /** By oid. */
  readonly tables: ReadonlyMap<string, SchemaTable>;
  /** By oid; only of tables that hold rows themselves. */
  readonly statistics: ReadonlyMap<string, ReplicaTable>;
  readonly parts: SchemaParts;
}

export interface SeedLimits {
  /** Of the largest table; the others have fewer, in the proportion of the roots of their sizes. */
  readonly rows: number;
  readonly allRows: number;
  /** Of making rows, all tables together. */
  readonly fillMs: number;
  /** Of the script. */
  readonly bytes: number;
}

/** Small tables are whole, as far as their rows may be made up. */
const fewRows = 20;

/** A script for psql. Every name and value of the database stands in it within quotes. */
export function writeSeed(facts: SeedFacts, limits: SeedLimits): { seed: string; leftOut: string[] } {
  const { parts } = facts;
  const leftOut: string[] = [];
  const scale = scaleOf(facts, limits);
  const ordered = parentsFirst(facts);
  const begin = [
    'set client_min_messages = error;',
    "set statement_timeout = '5s';",
    "set timezone = 'UTC';",
    'set standard_conforming_strings = on;',
    'set check_function_bodies = off;',
    seedProcedures(limits.fillMs),
    'select setseed(0.42);',
    ...makeParts(facts.schemas, parts),
  ];
  let bytes = begin.join('\n').length;
  const made: string[] = [];
  const references: string[] = [];
  const tooMuch: string[] = [];
  for (const tree of ordered) {
    const { text, last } = makeTree(tree, facts, scale);
    if (bytes + text.length > limits.bytes) {
      tooMuch.push(`${tree.root.schema}.${tree.root.name}`);
      continue;
    }
    bytes += text.length;
    made.push(text);
    references.push(...last);
  }
  if (tooMuch.length > 0) leftOut.push(`Tables that make the seed too long: ${some(tooMuch)}.`);
  const bare = [...facts.tables.entries()].flatMap(([oid, { schema, name, partitionBy }]) => {
    const known = facts.statistics.get(oid);
    return partitionBy === null && known?.columns.every(({ distinct }) => distinct === null) !== false
      ? [`${schema}.${name}`]
      : [];
  });
  if (bare.length > 0)
    leftOut.push(
      `Tables without statistics (never analysed, empty, or not readable by Warroom’s role), so with few rows or none: ${some(bare)}.`,
    );
  if (parts.functions > 0) leftOut.push(`${parts.functions} functions and procedures.`);
  if (parts.triggers > 0) leftOut.push(`${parts.triggers} triggers.`);
  const away = [...facts.tables.values()].flatMap(({ name, constraints }) =>
    constraints.flatMap(({ target, name: reference }) =>
      target === null || facts.tables.has(target) ? [] : [`${reference} of ${name}`],
    ),
  );
  if (away.length > 0) leftOut.push(`Foreign keys to tables that are not here: ${some(away)}.`);
  const views = parts.views.map(({ schema, name, stored, definition }) =>
    attempt(`the view ${nameOf({ schema, name })}`, [
      `create ${stored ? 'materialized ' : ''}view ${nameOf({ schema, name })} as ${definition}`,
    ]),
  );
  const path = ['"$user"', ...new Set([...facts.schemas, 'public'].map(escapeIdentifier))].join(', ');
  const end = [
    ...references,
    ...ownersOf(parts, new Set([...facts.tables.values()].map(nameOf))),
    ...checksOf(parts),
    ...views,
    seedEnd,
    `do $do$ begin execute format('alter database %I set search_path = %s', current_database(), ${escapeLiteral(path)}); end $do$;`,
  ];
  return { seed: [...begin, ...made, ...end].join('\n'), leftOut };
}

/** A table, its rows, and what keeps them in order; `last` is for when all tables are there. */
function makeTree(
  { root, parts }: TableTree,
  facts: SeedFacts,
  scale: (statistics: ReplicaTable | undefined) => number,
): { text: string; last: string[] } {
  const table = facts.tables.get(root.oid);
  if (table === undefined) return { text: '', last: [] };
  const name = nameOf(table);
  const keys = keysOf(table);
  const making = [makeTable(table)];
  const filling: string[] = [];
  for (const part of [root, ...parts]) {
    const own = facts.tables.get(part.oid);
    if (own === undefined) continue;
    const above = part.parent === null ? undefined : facts.tables.get(part.parent);
    if (part !== root && above !== undefined) making.push(makePartition(own, above));
    making.push(...defaultsOf(own));
    if (own.partitionBy !== null) continue;
    const statistics = facts.statistics.get(part.oid);
    const rows = scale(statistics);
    const insert = rows === 0 ? null : writeInsert(own, statistics, [...keys, ...keysOf(own)], rows);
    if (insert !== null)
      filling.push(
        `call warroom_seed.fill(${escapeLiteral(nameOf(own))}, ${escapeLiteral(insert)}, ${rows});`,
      );
  }
  const keeping: string[] = [];
  const last: string[] = [];
  for (const { kind, columns, target, targetColumns } of table.constraints) {
    const parent = kind === 'f' && target !== null ? facts.tables.get(target) : undefined;
    if (parent === undefined) continue;
    keeping.push(
      `call warroom_seed.link(${escapeLiteral(name)}, ${arrayOf(columns)}, ${escapeLiteral(nameOf(parent))}, ${arrayOf(targetColumns)});`,
    );
  }
  for (const key of keys)
    keeping.push(`call warroom_seed.keep_apart(${escapeLiteral(name)}, ${arrayOf(key)});`);
  for (const own of [table, ...parts.flatMap(({ oid }) => facts.tables.get(oid) ?? [])]) {
    for (const constraint of own.constraints) {
      const { kind, definition } = constraint;
      const add = `alter table ${nameOf(own)} add constraint ${escapeIdentifier(constraint.name)} ${definition}`;
      const what = `the constraint ${constraint.name} of ${nameOf(own)}`;
      const loose = definition.endsWith(' NOT VALID') ? add : `${add} not valid`;
      // Made-up rows need not hold what is asked of new ones.
      if (kind === 'c') keeping.push(attempt(what, [loose]));
      else if (kind === 'f') last.push(attempt(what, [add, loose]));
      else keeping.push(attempt(what, [add]));
    }
    for (const { definition } of own.indexes) {
      // On a table with partitions the definition says "only", for a dump that makes their indexes one by one.
      const whole = own.partitionBy === null ? definition : definition.replace(' ON ONLY ', ' ON ');
      const ways = [whole, whole.replace('CREATE UNIQUE INDEX', 'CREATE INDEX')];
      keeping.push(attempt(`an index of ${nameOf(own)}`, [...new Set(ways)]));
    }
  }
  return { text: [...making, ...filling, ...keeping].join('\n'), last };
}

function keysOf(table: SchemaTable): string[][] {
  return [
    ...table.constraints.filter(({ kind }) => kind === 'p' || kind === 'u'),
    ...table.indexes.filter(({ plainUnique }) => plainUnique),
  ].map(({ columns }) => columns);
}

function makeTable(table: SchemaTable): string {
  const by = table.partitionBy === null ? '' : ` partition by ${table.partitionBy}`;
  const write = (column: (one: SchemaColumn) => string): string =>
    `create table ${nameOf(table)} (${table.columns.map(column).join(', ')})${by}`;
  return attempt(`all columns of ${nameOf(table)}`, [
    write((column) => `${typed(column)}${madeBy(column)}${column.notNull ? ' not null' : ''}`),
    // A type whose extension is not here stands as text; what is computed by a function that is not here stands plain.
    write(
      (column) =>
        `${column.extended ? `${escapeIdentifier(column.name)} text` : typed(column)}${madeBy({ ...column, generated: false })}`,
    ),
    write((column) => `${escapeIdentifier(column.name)} text`),
  ]);
}

function typed(column: SchemaColumn): string {
  return `${escapeIdentifier(column.name)} ${column.type}`;
}

function madeBy({ identity, generated, default: expression }: SchemaColumn): string {
  if (identity !== '') return ` generated ${identity === 'a' ? 'always' : 'by default'} as identity`;
  return generated && expression !== null ? ` generated always as (${expression}) stored` : '';
}

function makePartition(table: SchemaTable, above: SchemaTable): string {
  const by = table.partitionBy === null ? '' : ` partition by ${table.partitionBy}`;
  return attempt(`the partition ${nameOf(table)}`, [
    `create table ${nameOf(table)} partition of ${nameOf(above)} ${table.bound ?? 'default'}${by}`,
  ]);
}

function defaultsOf(table: SchemaTable): string[] {
  return table.columns.flatMap((column) =>
    column.default === null || column.generated
      ? []
      : [
          attempt(`the default of ${nameOf(table)}.${column.name}`, [
            `alter table ${nameOf(table)} alter column ${escapeIdentifier(column.name)} set default ${column.default}`,
          ]),
        ],
  );
}

/** How many rows a table gets: the largest `limits.rows`, an empty one none. */
function scaleOf(
  { statistics }: SeedFacts,
  limits: SeedLimits,
): (statistics: ReplicaTable | undefined) => number {
  const sizes = [...statistics.values()].map(({ rows }) => rows);
  const largest = Math.max(1, ...sizes);
  const wish = (rows: number): number =>
    Math.ceil(Math.min(rows, Math.max(fewRows, limits.rows * Math.sqrt(rows / largest))));
  const all = sizes.reduce((sum, rows) => sum + wish(rows), 0);
  const share = Math.min(1, limits.allRows / Math.max(1, all));
  return (table) => Math.ceil(wish(table?.rows ?? 0) * share);
}

/** Tables that others refer to before those; where they refer to each other, as they come. */
function parentsFirst({ trees, tables }: SeedFacts): TableTree[] {
  const byOid = new Map(trees.map((tree) => [tree.root.oid, tree]));
  const ordered = new Set<TableTree>();
  const entered = new Set<TableTree>();
  const visit = (tree: TableTree): void => {
    if (entered.has(tree)) return;
    entered.add(tree);
    for (const { target } of tables.get(tree.root.oid)?.constraints ?? []) {
      const parent = target === null ? undefined : byOid.get(target);
      if (parent !== undefined) visit(parent);
    }
    ordered.add(tree);
  };
  for (const tree of trees) visit(tree);
  return [...ordered];
}

function arrayOf(names: readonly string[]): string {
  return `array[${names.map((name) => escapeLiteral(name)).join(', ')}]::text[]`;
}
