import { z } from 'zod';
import type { Session } from '../session.ts';

/** What the planner of the target knows of a column. */
const columnSchema = z.object({
  name: z.string(),
  /** As it is declared, of the base type where it is a domain. */
  type: z.string(),
  /** Name of the type without its modifier, for a type of PostgreSQL's own; `citext`, or `enum`, or `other`. */
  family: z.string(),
  /** Of an enum, in order. */
  labels: z.array(z.string()),
  nullFraction: z.number().nullable(),
  width: z.number().nullable(),
  /** Negative: a share of the rows. Null: no statistics, or no right to see them. */
  distinct: z.number().nullable(),
  common: z.array(z.string().nullable()),
  frequencies: z.array(z.number()),
  /** Equally many rows between each two. */
  bounds: z.array(z.string().nullable()),
  /** The same as numbers: seconds since 1970 for times. */
  numbers: z.array(z.number().nullable()),
  correlation: z.number().nullable(),
});

const tableSchema = z.object({
  schema: z.string(),
  name: z.string(),
  rows: z.number(),
  columns: z.array(columnSchema),
  indexes: z.array(z.object({ definition: z.string(), columns: z.array(z.string()) })),
});

export type ReplicaColumn = z.infer<typeof columnSchema>;
export type ReplicaTable = z.infer<typeof tableSchema>;

export interface ReplicaFacts {
  readonly tables: readonly ReplicaTable[];
  /** Settings of the target's planner that make plans comparable. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether texts are ordered byte by byte. */
  readonly byteOrder: boolean;
}

/** Statistics are kept as the column's own type in an array of no type; text is the way out of it. */
const columnsOf = `
  select json_agg(json_build_object(
    'name', a.attname,
    'type', format_type(b.oid, case when b.oid = a.atttypid then a.atttypmod else t.typtypmod end),
    'family', case when b.typtype = 'e' then 'enum'
                   when b.typname = 'citext' then 'citext'
                   when b.typnamespace = 'pg_catalog'::regnamespace and b.typtype = 'b' and b.typcategory <> 'A'
                     then b.typname
                   else 'other' end,
    'labels', coalesce((select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e
                        where e.enumtypid = b.oid), '[]'),
    'nullFraction', s.null_frac, 'width', s.avg_width, 'distinct', s.n_distinct,
    'common', coalesce(to_json(s.most_common_vals::text::text[]), '[]'),
    'frequencies', coalesce(to_json(s.most_common_freqs), '[]'),
    'bounds', coalesce(to_json(s.histogram_bounds::text::text[]), '[]'),
    'numbers', case
      when b.typname in ('timestamp', 'timestamptz', 'date') then coalesce((
        select json_agg(extract(epoch from u.bound::timestamptz) order by u.at)
        from unnest(s.histogram_bounds::text::text[]) with ordinality u (bound, at)
        where isfinite(u.bound::timestamptz)), '[]')
      else '[]' end,
    'correlation', s.correlation) order by a.attnum)
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  join pg_type b on b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
  left join pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname
                      and not s.inherited
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`;

const tablesOf = `
  select n.nspname as schema, c.relname as name,
         greatest(case when c.reltuples >= 0 then c.reltuples else l.n_live_tup end, 0)::float8 as rows,
         coalesce((${columnsOf}), '[]') as columns,
         coalesce((select json_agg(json_build_object(
                     'definition', pg_get_indexdef(i.indexrelid),
                     'columns', (select coalesce(json_agg(k.attname), '[]') from pg_attribute k
                                 where k.attrelid = c.oid and k.attnum = any (i.indkey::int2[])))
                     order by i.indexrelid)
                   from pg_index i where i.indrelid = c.oid and i.indisvalid), '[]') as indexes
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_stat_all_tables l on l.relid = c.oid
  where c.relkind in ('r', 'm') and c.oid = any ($1::oid[])
  order by n.nspname, c.relname`;

const planning = [
  'seq_page_cost',
  'random_page_cost',
  'cpu_tuple_cost',
  'cpu_index_tuple_cost',
  'cpu_operator_cost',
  'effective_cache_size',
  'max_parallel_workers_per_gather',
  'enable_seqscan',
  'enable_indexscan',
  'enable_indexonlyscan',
  'enable_bitmapscan',
  'enable_sort',
  'enable_hashjoin',
  'enable_mergejoin',
  'enable_nestloop',
];

/**
 * @param names as they stand in the statement; the session's search path finds those without a schema
 * @returns null for a name that is no table (a view, say)
 */
export async function readReplicaFacts(
  session: Session,
  names: readonly { readonly schema: string | null; readonly name: string }[],
): Promise<ReplicaFacts | { readonly notATable: string }> {
  const oids = new Set<string>();
  for (const { schema, name } of names) {
    const [row] = await session.rows(
      z.object({ oid: z.string().nullable() }),
      `select (select c.oid::text from pg_class c where c.relkind in ('r', 'm')
               and c.oid = to_regclass(coalesce(quote_ident($1::text) || '.', '') || quote_ident($2))) as oid`,
      [schema, name],
    );
    if (row?.oid == null) return { notATable: name };
    oids.add(row.oid);
  }
  const tables = await readStatistics(session, [...oids]);
  const settings = await session.rows(
    z.object({ name: z.string(), setting: z.string().regex(/^[a-z0-9.e+-]+$/) }),
    'select name, setting from pg_settings where name = any ($1)',
    [planning],
  );
  const [database] = await session.rows(
    z.object({ collation: z.string().nullable() }),
    'select datcollate as collation from pg_database where datname = current_database()',
  );
  return {
    tables,
    settings: Object.fromEntries(settings.map(({ name, setting }) => [name, setting])),
    byteOrder: database?.collation === 'C' || database?.collation === 'POSIX',
  };
}

/** Of tables and their columns, by schema and name; what is no plain table is left out. In a transaction alone. */
export async function readStatistics(session: Session, oids: readonly string[]): Promise<ReplicaTable[]> {
  // Both sides read times the same way.
  await session.run("set local timezone = 'UTC'");
  await session.run("set local datestyle = 'ISO'");
  return session.rows(tableSchema, tablesOf, [oids]);
}
