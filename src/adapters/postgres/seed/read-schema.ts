import { z } from 'zod';
import type { Session } from '../session.ts';

const named = { schema: z.string(), name: z.string() };
const words = z.array(z.string());

const listedSchema = z.object({
  oid: z.string(),
  ...named,
  /** Of which it is a partition. */
  parent: z.string().nullable(),
});

const columnSchema = z.object({
  name: z.string(),
  type: z.string(),
  /** Of the type under a domain. */
  base: z.string(),
  category: z.string(),
  /** The type is part of an extension. */
  extended: z.boolean(),
  notNull: z.boolean(),
  default: z.string().nullable(),
  generated: z.boolean(),
  identity: z.enum(['', 'a', 'd']),
});

const keySchema = z.object({ columns: words, definition: z.string() });

const tableSchema = z.object({
  oid: z.string(),
  ...named,
  columns: z.array(columnSchema),
  /** `range (at)`; null where it has no partitions. */
  partitionBy: z.string().nullable(),
  /** `for values …` of a partition. */
  bound: z.string().nullable(),
  constraints: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['p', 'u', 'f', 'c', 'x']),
      ...keySchema.shape,
      /** What a foreign key refers to. */
      target: z.string().nullable(),
      targetColumns: words,
    }),
  ),
  /** Those that no constraint has made. */
  indexes: z.array(
    z.object({
      ...keySchema.shape,
      /** Its columns alone keep rows apart: no expression, no predicate. */
      plainUnique: z.boolean(),
    }),
  ),
});

const typeSchema = z.object({
  ...named,
  kind: z.enum(['e', 'd', 'c']),
  labels: words,
  base: z.string().nullable(),
  default: z.string().nullable(),
  notNull: z.boolean(),
  checks: z.array(z.object({ name: z.string(), definition: z.string() })),
  attributes: z.array(z.object({ name: z.string(), type: z.string() })),
});

const sequenceSchema = z.object({ ...named, options: z.string(), ownedBy: words.nullable() });
const viewSchema = z.object({ ...named, stored: z.boolean(), definition: z.string() });
const restSchema = z.object({
  extensions: z.array(z.object(named)),
  functions: z.number(),
  triggers: z.number(),
});

export type ListedTable = z.infer<typeof listedSchema>;
export type SchemaTable = z.infer<typeof tableSchema>;
export type SchemaColumn = z.infer<typeof columnSchema>;
export type SchemaType = z.infer<typeof typeSchema>;

export interface SchemaParts {
  readonly types: readonly SchemaType[];
  readonly sequences: readonly z.infer<typeof sequenceSchema>[];
  readonly views: readonly z.infer<typeof viewSchema>[];
  readonly extensions: readonly { readonly schema: string; readonly name: string }[];
  /** How many there are. */
  readonly functions: number;
  readonly triggers: number;
}

const listed = `
  select c.oid::text as oid, n.nspname as schema, c.relname as name,
         case when c.relispartition then (select h.inhparent::text from pg_inherits h where h.inhrelid = c.oid limit 1) end
           as parent
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname = any ($1) and c.relpersistence <> 't'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by n.nspname, c.relname limit 5000`;

const ofExtension = (classId: string, oid: string): string =>
  `exists (select from pg_depend x where x.classid = '${classId}'::regclass and x.objid = ${oid} and x.deptype = 'e')`;

/** The names of columns by their numbers, in the order of the numbers. */
const columnsBy = (table: string, numbers: string): string =>
  `coalesce((select json_agg(a.attname order by u.at)
             from unnest(${numbers}) with ordinality u (number, at)
             join pg_attribute a on a.attrelid = ${table} and a.attnum = u.number), '[]')`;

const columns = `
  select json_agg(json_build_object(
    'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'base', b.typname, 'category', b.typcategory,
    'extended', ${ofExtension('pg_type', 't.oid')} or ${ofExtension('pg_type', 'coalesce(nullif(b.typelem, 0), b.oid)')},
    'notNull', a.attnotnull, 'default', pg_get_expr(f.adbin, f.adrelid), 'generated', a.attgenerated <> '',
    'identity', a.attidentity) order by a.attnum)
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  join pg_type b on b.oid = coalesce(nullif(t.typbasetype, 0), t.oid)
  left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`;

const constraints = `
  select json_agg(json_build_object(
    'name', k.conname, 'kind', k.contype, 'definition', pg_get_constraintdef(k.oid),
    'columns', ${columnsBy('k.conrelid', 'k.conkey')}, 'target', nullif(k.confrelid, 0)::text,
    'targetColumns', ${columnsBy('k.confrelid', 'k.confkey')}) order by k.conname)
  from pg_constraint k
  where k.conrelid = c.oid and k.contype in ('p', 'u', 'f', 'c', 'x') and k.conparentid = 0`;

const indexes = `
  select json_agg(json_build_object(
    'definition', pg_get_indexdef(i.indexrelid),
    'columns', ${columnsBy('i.indrelid', 'i.indkey::int2[]')},
    'plainUnique', i.indisunique and i.indexprs is null and i.indpred is null) order by i.indexrelid)
  from pg_index i
  where i.indrelid = c.oid and i.indisvalid
    and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
    and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)`;

const tables = `
  select c.oid::text as oid, n.nspname as schema, c.relname as name,
         case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as "partitionBy",
         pg_get_expr(c.relpartbound, c.oid) as bound,
         coalesce((${columns}), '[]') as columns, coalesce((${constraints}), '[]') as constraints,
         coalesce((${indexes}), '[]') as indexes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.oid = any ($1::oid[])`;

const types = `
  select n.nspname as schema, t.typname as name, t.typtype as kind,
         coalesce((select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid), '[]')
           as labels,
         case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end as base,
         pg_get_expr(t.typdefaultbin, 0) as default, t.typnotnull as "notNull",
         coalesce((select json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid))
                                   order by k.conname)
                   from pg_constraint k where k.contypid = t.oid and k.contype = 'c'), '[]') as checks,
         coalesce((select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod))
                                   order by a.attnum)
                   from pg_attribute a
                   where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped), '[]')
           as attributes
  from pg_type t join pg_namespace n on n.oid = t.typnamespace
  left join pg_class c on c.oid = t.typrelid
  where t.typtype in ('e', 'd', 'c') and (c.oid is null or c.relkind = 'c')
    and n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and not ${ofExtension('pg_type', 't.oid')}
  order by t.typtype <> 'e', t.oid limit 500`;

const sequences = `
  select n.nspname as schema, c.relname as name,
         format('as %s increment %s minvalue %s maxvalue %s start %s cache %s%s', format_type(s.seqtypid, null),
                s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, case when s.seqcycle then ' cycle' else '' end)
           as options,
         (select json_build_array(tn.nspname, t.relname, a.attname)
          from pg_depend d join pg_class t on t.oid = d.refobjid join pg_namespace tn on tn.oid = t.relnamespace
          join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
          where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'a' limit 1) as "ownedBy"
  from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1)
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
                    and d.deptype in ('i', 'e'))
  order by 1, 2 limit 1000`;

const views = `
  select n.nspname as schema, c.relname as name, c.relkind = 'm' as stored, pg_get_viewdef(c.oid) as definition
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('v', 'm') and n.nspname = any ($1) and not ${ofExtension('pg_class', 'c.oid')}
  order by c.oid limit 200`;

const rest = `
  select coalesce((select json_agg(json_build_object('name', e.extname, 'schema', n.nspname) order by e.oid)
                   from pg_extension e join pg_namespace n on n.oid = e.extnamespace
                   where e.extname <> 'plpgsql'), '[]') as extensions,
         (select count(*)::int from pg_proc p join pg_namespace n on n.oid = p.pronamespace
          where n.nspname = any ($1) and not ${ofExtension('pg_proc', 'p.oid')}) as functions,
         (select count(*)::int from pg_trigger g join pg_class c on c.oid = g.tgrelid
          join pg_namespace n on n.oid = c.relnamespace
          where n.nspname = any ($1) and not g.tgisinternal) as triggers`;

/** Every name that the server writes has its schema before it. */
export async function qualifyNames(session: Session): Promise<void> {
  await session.run('set local search_path = pg_catalog');
}

export function listTables(session: Session, schemas: readonly string[]): Promise<ListedTable[]> {
  return session.rows(listedSchema, listed, [schemas]);
}

export function readTables(session: Session, oids: readonly string[]): Promise<SchemaTable[]> {
  return session.rows(tableSchema, tables, [oids]);
}

/** What tables rest on, and what rests on them. */
export async function readParts(session: Session, schemas: readonly string[]): Promise<SchemaParts> {
  const [others] = await session.rows(restSchema, rest, [schemas]);
  return {
    types: await session.rows(typeSchema, types),
    sequences: await session.rows(sequenceSchema, sequences, [schemas]),
    views: await session.rows(viewSchema, views, [schemas]),
    ...(others ?? { extensions: [], functions: 0, triggers: 0 }),
  };
}
