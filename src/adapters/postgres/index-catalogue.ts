import { z } from 'zod';
import type { IndexFacts } from '../../ports/database.ts';
import type { Session } from './session.ts';

const count = z.number();

const indexSchema = z.object({
  schema: z.string(),
  table: z.string(),
  name: z.string(),
  columns: z.array(z.string()),
  unique: z.boolean(),
  primary: z.boolean(),
  valid: z.boolean(),
  definition: z.string(),
  bytes: count,
  scans: count,
  /** Why it must stay; null when nothing but queries need it. */
  needed: z.string().nullable(),
  /** What of it the definition does not bring back; null when it brings back all. */
  beyond: z.string().nullable(),
});

export type IndexRow = z.infer<typeof indexSchema>;

const indexesOf = `
  select n.nspname as schema, t.relname as table, c.relname as name,
         array(select pg_get_indexdef(i.indexrelid, k::int, true)
               from generate_series(1, i.indnkeyatts) k order by k) as columns,
         i.indisunique as unique, i.indisprimary as primary,
         i.indisvalid and i.indisready and i.indislive as valid,
         pg_get_indexdef(i.indexrelid) as definition,
         coalesce(pg_relation_size(i.indexrelid), 0)::float8 as bytes,
         coalesce(s.idx_scan, 0)::float8 as scans,
         case
           when i.indisprimary then 'it is the primary key'
           when exists (select from pg_constraint k where k.conindid = i.indexrelid)
             then (select 'the constraint ' || k.conname || ' rests on it'
                   from pg_constraint k where k.conindid = i.indexrelid order by k.conname limit 1)
           when i.indisexclusion then 'it keeps rows from overlapping'
           when i.indisunique then 'it keeps its values unique'
           when i.indisreplident then 'replication identifies rows by it'
           when i.indisclustered then 'the table is clustered by it'
           when exists (select from pg_inherits h where h.inhrelid = i.indexrelid or h.inhparent = i.indexrelid)
             then 'it belongs to a partitioned index'
           when c.reltablespace <> 0 then 'it is in a tablespace of its own, which would not be restored'
         end as needed,
         case
           when obj_description(i.indexrelid, 'pg_class') is not null then 'a comment'
           when exists (select from pg_attribute a where a.attrelid = i.indexrelid and coalesce(a.attstattarget, -1) >= 0)
             then 'a statistics target'
         end as beyond
  from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_class t on t.oid = i.indrelid
  join pg_namespace n on n.oid = t.relnamespace
  left join pg_stat_all_indexes s on s.indexrelid = i.indexrelid`;

/**
 * PostgreSQL leaves the schema out of every name that the search path finds. A definition must mean the same in every
 * session, whatever path that one has: it is what an index is built again from.
 */
const everyNameWhole = 'set local search_path = pg_catalog';

/**
 * Every index of these schemas' tables, in the order of their names. Belongs into a transaction, whose search path is
 * narrowed for what follows.
 */
export async function readIndexes(session: Session, schemas: readonly string[]): Promise<IndexRow[]> {
  await session.run(everyNameWhole);
  return session.rows(
    indexSchema,
    `${indexesOf} where n.nspname = any ($1) order by n.nspname, t.relname, c.relname`,
    [schemas],
  );
}

/** Opens and ends a transaction of its own. */
export async function findIndex(
  session: Session,
  schema: string,
  name: string,
): Promise<IndexRow | undefined> {
  await session.run('begin read only');
  await session.run(everyNameWhole);
  const [row] = await session.rows(indexSchema, `${indexesOf} where n.nspname = $1 and c.relname = $2`, [
    schema,
    name,
  ]);
  await session.run('rollback');
  return row;
}

export function indexFacts(row: IndexRow): IndexFacts {
  const { name, columns, unique, primary, valid, definition, bytes, scans } = row;
  return { name, columns, unique, primary, valid, definition, bytes, scans };
}
