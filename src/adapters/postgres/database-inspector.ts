import { randomBytes } from 'node:crypto';
import { escapeIdentifier } from 'pg';
import { z } from 'zod';
import { SourceRefused } from '../../platform/errors.ts';
import type { DatabaseInspector, TableFacts } from '../../ports/database.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { guardStatement } from './guard-statement.ts';
import { indexFacts, readIndexes } from './index-catalogue.ts';
import { readPlan } from './read-plan.ts';
import { type Session, type SessionLimits, withSession } from './session.ts';

const defaultLimits: SessionLimits = {
  connectTimeoutMs: 5_000,
  statementTimeoutMs: 10_000,
  lockTimeoutMs: 2_000,
};

const tableSchema = z.object({
  schema: z.string(),
  name: z.string(),
  rows: z.number(),
  bytes: z.number(),
  columns: z.array(z.object({ name: z.string(), type: z.string(), nullable: z.boolean() })),
});

/** Tables, partitions included: an index is made on each of them. */
const tablesOf = `
  select n.nspname as schema, c.relname as name,
         greatest(case when c.reltuples >= 0 then c.reltuples else s.n_live_tup end, 0)::float8 as rows,
         coalesce(pg_table_size(c.oid), 0)::float8 as bytes,
         coalesce((select json_agg(json_build_object('name', a.attname,
                                                     'type', format_type(a.atttypid, a.atttypmod),
                                                     'nullable', not a.attnotnull) order by a.attnum)
                   from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]') as columns
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  left join pg_stat_all_tables s on s.relid = c.oid
  where c.relkind in ('r', 'p', 'm') and n.nspname = any ($1)
  order by n.nspname, c.relname`;

/** Looks at services' databases. The credential is read for each call and forgotten with it. */
export function createDatabaseInspector(
  secrets: Secrets,
  limits: Partial<SessionLimits> = {},
): DatabaseInspector {
  const access = { secrets, limits: { ...defaultLimits, ...limits } };
  return {
    tables: (target, signal) =>
      withSession(access, target, signal, (session) =>
        readOnly(session, target.schemas, async () => {
          const tables = await session.rows(tableSchema, tablesOf, [target.schemas]);
          const indexes = await readIndexes(session, target.schemas);
          return tables.map((table): TableFacts => {
            const own = indexes.filter((one) => one.schema === table.schema && one.table === table.name);
            return { ...table, indexes: own.map(indexFacts) };
          });
        }),
      ),

    async explain(target, statement, signal) {
      const guarded = guardStatement(statement, target.schemas);
      if (!guarded.allowed) {
        throw new SourceRefused(
          `The statement was not sent to PostgreSQL ${target.name}: ${guarded.reason}.`,
          'Only a single SELECT that reads is explained.',
        );
      }
      return withSession(access, target, signal, (session) =>
        readOnly(session, target.schemas, async () => {
          const [answer] = await session.rows(
            z.object({ 'QUERY PLAN': z.unknown() }),
            await explanation(session, statement, guarded.parameters),
          );
          return readPlan(answer?.['QUERY PLAN']).plan;
        }),
      );
    },
  };
}

/** A generic plan is made for values that are not known; the nulls given are never looked at. */
async function explanation(session: Session, statement: string, parameters: number): Promise<string> {
  if (parameters === 0) return `explain (format json) ${statement}`;
  const name = `warroom_${randomBytes(8).toString('hex')}`;
  await session.run('set local plan_cache_mode = force_generic_plan');
  await session.run(`prepare ${name} as ${statement}`);
  return `explain (format json) execute ${name}(${Array(parameters).fill('null').join(', ')})`;
}

/** Nothing can be written whatever the role may do. `public` is on the path for the operators of extensions. */
export async function readOnly<T>(
  session: Session,
  schemas: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  await session.run('begin transaction isolation level repeatable read read only');
  const path = [...new Set([...schemas, 'public'])].map(escapeIdentifier).join(', ');
  await session.run(`set local search_path = ${path}`);
  const result = await work();
  await session.run('rollback');
  return result;
}
