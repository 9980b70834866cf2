import { escapeIdentifier, escapeLiteral } from 'pg';
import type { IndexOrder } from '../../../ports/database-admin.ts';
import { fillUnused, fillUsed, kindOf } from './fill-column.ts';
import type { ParameterUse } from './find-parameters.ts';
import type { ReplicaColumn, ReplicaFacts, ReplicaTable } from './read-replica-facts.ts';

export interface ReplicaTask {
  readonly facts: ReplicaFacts;
  readonly schemas: readonly string[];
  readonly order: IndexOrder;
  readonly statement: string;
  /** In the order of their numbers. */
  readonly parameters: readonly ParameterUse[];
  /** Names that the statement uses, whichever table they belong to. */
  readonly columns: ReadonlySet<string>;
  readonly limits: ReplicaLimits;
}

export interface ReplicaLimits {
  readonly rows: number;
  /** Of all tables together, on the replica's disk, which is memory. */
  readonly bytes: number;
  /** Of making rows, all tables together. */
  readonly fillMs: number;
  readonly runs: number;
  /** Of all runs on one side. */
  readonly runMs: number;
}

/** What the script prints as its last line. */
export const resultMark = 'WARROOM-TRIAL ';

/** A script for psql, or why there can be none, in a sentence. Every value and name in it is quoted. */
export function writeReplicaScript(task: ReplicaTask): { script: string } | { reason: string } {
  const { facts, order, statement, parameters, limits } = task;
  const tables: string[] = [];
  for (const table of facts.tables) {
    const made = makeTable(table, task);
    if (typeof made !== 'string') return made;
    tables.push(made);
  }
  const values = parameters.map((use) => typicalValue(use, facts.tables));
  const unknown = values.indexOf(null);
  if (unknown >= 0) return { reason: `parameter $${unknown + 1} is compared with no column of a table.` };
  const indexed = facts.tables.find((one) => one.schema === order.schema && one.name === order.table);
  if (indexed === undefined) return { reason: `the statement does not read ${order.schema}.${order.table}.` };

  const path = [...new Set([...task.schemas, 'public'])].map(escapeIdentifier).join(', ');
  const keys = order.columns.map(
    ({ name, order: direction }) => `${escapeIdentifier(name)} ${direction === 'desc' ? 'desc' : 'asc'}`,
  );
  const build = `create index ${escapeIdentifier(order.name)} on ${nameOf(indexed)} (${keys.join(', ')})`;
  const call =
    values.length === 0
      ? escapeLiteral('execute trial')
      : `(select 'execute trial(' || string_agg(quote_nullable(value), ', ' order by at) || ')' from trial.parameters)`;
  const script = [
    '\\set ON_ERROR_STOP on',
    'set client_min_messages = error;',
    "set statement_timeout = '20s';",
    "set timezone = 'UTC';",
    'set standard_conforming_strings = on;',
    'create schema trial;',
    ...task.schemas.map((schema) => `create schema if not exists ${escapeIdentifier(schema)};`),
    `set search_path = ${path};`,
    ...Object.entries(facts.settings).map(([name, value]) => `set ${name} = ${escapeLiteral(value)};`),
    procedures,
    'select setseed(0.42);',
    ...typesOf(facts.tables),
    ...tables,
    'vacuum analyze;',
    'create table trial.parameters (at int, value text);',
    ...values.map((value, index) => `insert into trial.parameters values (${index + 1}, ${value});`),
    'create table trial.outcome (what text, said jsonb);',
    'set plan_cache_mode = force_custom_plan;',
    `do $do$ begin execute 'prepare trial as ' || ${escapeLiteral(statement)}; end $do$;`,
    `insert into trial.outcome select 'before', trial.measure(${call}, ${limits.runs}, ${limits.runMs});`,
    `insert into trial.outcome select 'built', to_jsonb(trial.timed(${escapeLiteral(build)}));`,
    `insert into trial.outcome select 'after', trial.measure(${call}, ${limits.runs}, ${limits.runMs});`,
    `select ${escapeLiteral(resultMark)} || ((select jsonb_object_agg(what, said) from trial.outcome)
      || jsonb_build_object('rows', (select rows from trial.filled where name = ${escapeLiteral(nameOf(indexed))})))::text;`,
  ].join('\n');
  return { script };
}

function makeTable(table: ReplicaTable, task: ReplicaTask): string | { reason: string } {
  const { order, limits, facts } = task;
  const indexed = table.schema === order.schema && table.name === order.table;
  const width = table.columns.reduce((sum, column) => sum + Math.min(column.width ?? 16, 2_000), 32);
  const most = limits.bytes / facts.tables.length / width;
  const rows = Math.max(1, Math.floor(Math.min(table.rows, limits.rows, most)));
  const indexes = table.indexes.filter((index) => index.columns.some((column) => task.columns.has(column)));
  const used = new Set([
    ...task.columns,
    ...indexes.flatMap((index) => index.columns),
    ...(indexed ? order.columns.map((column) => column.name) : []),
  ]);
  const expressions: string[] = [];
  const randoms = new Set<string>();
  const steps: string[] = [];
  for (const [at, column] of table.columns.entries()) {
    const fill = used.has(column.name) ? fillUsed(column, rows, at) : fillUnused(column);
    if (fill === null && indexed && order.columns.some((one) => one.name === column.name)) {
      return {
        reason: `there are no statistics on ${table.name}.${column.name}: run ANALYZE, or let Warroom's role read the table.`,
      };
    }
    const chosen = fill ?? fillUnused(column);
    expressions.push(chosen.expression);
    for (const name of chosen.randoms) randoms.add(name);
    for (const step of chosen.steps) steps.push(`${step.expression} as ${step.name}`);
  }
  const name = nameOf(table);
  const columns = table.columns.map((column) => `${escapeIdentifier(column.name)} ${typeOf(column)}`);
  const source = ['i', '$1::bigint as n', ...[...randoms].map((random) => `random() as ${random}`)];
  // The offsets keep what is below them from being computed anew wherever it is used.
  const drawn = `(select ${source.join(', ')} from generate_series(1, $1) i offset 0) drawn`;
  const placed = `(select ${['*', ...steps].join(', ')} from ${drawn} offset 0) placed`;
  const insert = `insert into ${name} select ${expressions.join(', ')} from ${placed}`;
  return [
    `create unlogged table ${name} (${columns.join(', ')}) with (autovacuum_enabled = off);`,
    `call trial.fill(${escapeLiteral(name)}, ${escapeLiteral(insert)}, ${rows}, ${Math.round(limits.fillMs / facts.tables.length)});`,
    ...indexes.map((index) => `call trial.attempt(${escapeLiteral(index.definition)});`),
  ].join('\n');
}

function typesOf(tables: readonly ReplicaTable[]): string[] {
  const columns = tables.flatMap((table) => table.columns);
  const enums = new Map(
    columns.flatMap((column) => (column.family === 'enum' ? [[column.type, column.labels] as const] : [])),
  );
  return [
    ...(columns.some((column) => column.family === 'citext')
      ? ['create extension if not exists citext schema public;']
      : []),
    ...[...enums].map(
      ([type, labels]) =>
        `create type ${type} as enum (${labels.map((label) => escapeLiteral(label)).join(', ')});`,
    ),
  ];
}

function typeOf(column: ReplicaColumn): string {
  return kindOf(column.family) === 'unknown' ? 'text' : column.type;
}

/** SQL for a value as text that a typical execution would have; null when nothing says what it should be. */
function typicalValue(use: ParameterUse, tables: readonly ReplicaTable[]): string | null {
  if (use.how === 'fixed') return escapeLiteral(use.value);
  const table =
    tables.find((one) => one.name === use.qualifier && hasColumn(one, use.column)) ??
    tables.find((one) => hasColumn(one, use.column));
  if (table === undefined) return null;
  const column = escapeIdentifier(use.column);
  const from = `from ${nameOf(table)} where ${column} is not null`;
  const middle = `offset (select rows * 37 / 100 from trial.filled where name = ${escapeLiteral(nameOf(table))})`;
  const { how } = use;
  switch (how) {
    case 'equal':
      return `(select ${column}::text ${from} ${middle} limit 1)`;
    case 'any':
      return `(select array_agg(value)::text from (select ${column}::text as value ${from} ${middle} limit 3) three)`;
    case 'least':
    case 'most': {
      const share = how === 'least' ? 0.9 : 0.1;
      return `(select percentile_disc(${share}) within group (order by ${column})::text ${from} and random() < 0.2)`;
    }
    default:
      return how satisfies never;
  }
}

function hasColumn(table: ReplicaTable, name: string): boolean {
  return table.columns.some((column) => column.name === name);
}

function nameOf(table: { readonly schema: string; readonly name: string }): string {
  return `${escapeIdentifier(table.schema)}.${escapeIdentifier(table.name)}`;
}

/** `fill` makes a few rows first, and then as many as the time allows. */
const procedures = `
create table trial.filled (name text, rows bigint);
create procedure trial.fill(name text, statement text, want bigint, most_ms float8) language plpgsql as $fill$
declare
  began timestamptz;
  first bigint := least(want, 20000);
  made bigint := least(want, 20000);
begin
  began := clock_timestamp();
  execute statement using first;
  if want > first then
    made := least(want, greatest(first, (first * most_ms / greatest(1, extract(epoch from clock_timestamp() - began) * 1000))::bigint));
    execute 'truncate ' || name;
    execute statement using made;
  end if;
  insert into trial.filled values (name, made);
end $fill$;
create procedure trial.attempt(definition text) language plpgsql as $attempt$
begin
  execute definition;
exception when unique_violation then
  execute replace(definition, 'CREATE UNIQUE INDEX', 'CREATE INDEX');
when others then null;
end $attempt$;
create function trial.timed(statement text) returns float8 language plpgsql as $timed$
declare began timestamptz := clock_timestamp();
begin
  execute statement;
  return extract(epoch from clock_timestamp() - began) * 1000;
end $timed$;
create function trial.measure(statement text, most int, most_ms float8) returns jsonb language plpgsql as $measure$
declare
  began timestamptz;
  plan jsonb;
  times float8[] := '{}';
begin
  execute 'explain (analyze, timing off, format json) ' || statement into plan;
  began := clock_timestamp();
  loop
    execute 'explain (analyze, timing off, format json) ' || statement into plan;
    times := times || (plan->0->>'Execution Time')::float8;
    exit when cardinality(times) >= most or clock_timestamp() - began > most_ms * interval '1 ms';
  end loop;
  return jsonb_build_object('plan', plan, 'runs', cardinality(times),
    'ms', (select percentile_cont(0.5) within group (order by t) from unnest(times) t));
end $measure$;`;
