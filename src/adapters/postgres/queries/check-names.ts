import { z } from 'zod';
import type { Session } from '../session.ts';
import type { GuardedQuery } from './guard-query.ts';

type Allowed = Extract<GuardedQuery, { allowed: true }>;

/** Tables, their partitions and children: none of them may be read through a function, a rule or another server. */
const relationsOf = `
  with recursive wanted as (
    select c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) as name
    from unnest($1::text[], $2::text[]) as asked(schema, relation)
    join pg_class c on c.relname = asked.relation
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = coalesce(asked.schema, n.nspname) and n.nspname = any ($3)
    union
    select c.oid, c.relkind, format('%I.%I', n.nspname, c.relname)
    from wanted join pg_inherits i on i.inhparent = wanted.oid
    join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
  )
  select name, relkind::text as kind from wanted where relkind not in ('r', 'p', 'm', 'i', 'I', 't', 'c', 'S') limit 1`;

/** Code of the schemas' own that a statement would call by a name that is also PostgreSQL's, or like a column. */
const codeOf = `
  select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  join pg_language l on l.oid = p.prolang
  where n.nspname = any ($3) and (p.prosecdef or l.lanname not in ('internal', 'c'))
    and (p.proname = any ($1)
         or p.oid in (select o.oprcode from pg_operator o join pg_namespace s on s.oid = o.oprnamespace
                      where o.oprname = any ($2) and s.nspname = any ($3)))
  limit 1`;

/** A phrase; null: nothing that the names mean runs anybody's code. */
export async function whyNotNames(
  session: Session,
  { relations, functions, operators }: Allowed,
  schemas: readonly string[],
): Promise<string | null> {
  const path = [...new Set([...schemas, 'public'])];
  const [view] = await session.rows(z.object({ name: z.string(), kind: z.string() }), relationsOf, [
    relations.map((one) => one.schema),
    relations.map((one) => one.name),
    path,
  ]);
  if (view !== undefined)
    return `${view.name} is ${view.kind === 'v' ? 'a view' : view.kind === 'f' ? 'a foreign table' : 'no table'}: reading it may run code; read the tables beneath it (database_schema lists them)`;
  const [code] = await session.rows(z.object({ name: z.string() }), codeOf, [functions, operators, path]);
  return code === undefined
    ? null
    : `${code.name} is also a function of the schema, and could be called by that name; name the columns with their table and leave this one out`;
}
