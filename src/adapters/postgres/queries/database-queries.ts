import { z } from 'zod';
import type { DatabaseTarget } from '../../../domain/service.ts';
import type { Json } from '../../../platform/canonical-json.ts';
import { SourceRefused } from '../../../platform/errors.ts';
import type { PlanNode } from '../../../ports/database.ts';
import type { DatabaseQueries, QueriedRows } from '../../../ports/database-queries.ts';
import type { Secrets } from '../../../ports/secrets.ts';
import { readOnly } from '../database-inspector.ts';
import { readPlan } from '../read-plan.ts';
import { type Session, type SessionLimits, withSession } from '../session.ts';
import { whyNotNames } from './check-names.ts';
import { whyNotReader } from './check-role.ts';
import { guardQuery } from './guard-query.ts';
import { maskCells } from './mask-cells.ts';
import type { Traced } from './trace-persons.ts';

const usualLimits: SessionLimits = {
  connectTimeoutMs: 5_000,
  statementTimeoutMs: 5_000,
  lockTimeoutMs: 1_000,
};
const mostRows = 100;
const cellChars = 300;
const rowChars = 8_000;
const answerChars = 40_000;
/** By the planner's estimate: about what reading a gigabyte in order costs. */
const mostCost = 200_000;
const mostPlanRows = 5_000_000;

/** Looks into services' databases where the catalogue lets it. Credential and connection are for one call. */
export function createDatabaseQueries(
  secrets: Secrets,
  limits: Partial<SessionLimits> = {},
): DatabaseQueries {
  const access = { secrets, limits: { ...usualLimits, ...limits } };
  return {
    async query(target, statement, signal) {
      const { readUrl, schemas } = target;
      if (target.queries !== true || readUrl == null)
        throw new SourceRefused(
          `The catalogue does not allow queries on PostgreSQL ${target.name}.`,
          'Use database_schema, explain_statement or database_look; a person can opt in with `queries: true` and `readUrl`.',
        );
      const guarded = guardQuery(statement, schemas);
      if (!guarded.allowed) throw notSent(target, guarded.reason);
      return withSession(access, { ...target, url: readUrl }, signal, async (session) => {
        await session.run('set default_transaction_read_only = on');
        return readOnly(session, schemas, async () => {
          const power = await whyNotReader(session);
          if (power !== null)
            throw new SourceRefused(
              `Nothing was asked of PostgreSQL ${target.name}: the role of its readUrl can do more than read (${power}).`,
              `A person has to make one: CREATE ROLE warroom_reader LOGIN PASSWORD '…'; GRANT USAGE ON SCHEMA ${schemas.join(', ')} TO warroom_reader; GRANT SELECT ON ALL TABLES IN SCHEMA ${schemas.join(', ')} TO warroom_reader;`,
            );
          const reason = await whyNotNames(session, guarded, schemas);
          if (reason !== null) throw notSent(target, reason);
          await session.run('set local max_parallel_workers_per_gather = 0');
          await session.run("set local work_mem = '16MB'");
          await refuseDear(session, target, statement);
          return answerOf(await ask(session, statement), guarded.traced);
        });
      });
    },
  };
}

function notSent(target: DatabaseTarget, reason: string): SourceRefused {
  return new SourceRefused(
    `The statement was not sent to PostgreSQL ${target.name}: ${reason}.`,
    'Write one SELECT that reads tables of the schema with plain functions and operators; aggregates are welcome.',
  );
}

async function refuseDear(session: Session, target: DatabaseTarget, statement: string): Promise<void> {
  const [answer] = await session.rows(
    z.object({ 'QUERY PLAN': z.unknown() }),
    `explain (format json) ${statement}`,
  );
  const { plan } = readPlan(answer?.['QUERY PLAN']);
  const rows = Math.max(...everyNode(plan).map((node) => node.rows));
  if (plan.cost <= mostCost && rows <= mostPlanRows) return;
  throw new SourceRefused(
    `The statement was not run on PostgreSQL ${target.name}: its plan would handle about ${Math.round(rows).toLocaleString('en-US')} rows at a cost of ${Math.round(plan.cost).toLocaleString('en-US')} (at most ${mostPlanRows.toLocaleString('en-US')} and ${mostCost.toLocaleString('en-US')}).`,
    'Narrow it by an indexed column (database_schema lists them) or a time range; explain_statement shows its plan.',
  );
}

function everyNode(node: PlanNode): PlanNode[] {
  return [node, ...node.children.flatMap(everyNode)];
}

/**
 * Cut by the server: a value of a gigabyte must not arrive here. The statement was parsed as exactly one `SELECT`, so the
 * brackets around it hold it; the line end is for a comment at its end.
 */
async function ask(session: Session, statement: string): Promise<(string | null)[]> {
  const bare = statement.replace(/;\s*$/, '');
  const rows = await session.rows(
    z.object({ line: z.string().nullable() }),
    `select case when length(shown.line) <= ${rowChars} then shown.line end as line
     from (select (select json_agg(json_build_array(cell.key, case json_typeof(cell.value)
                             when 'string' then to_json(left(cell.value #>> '{}', ${cellChars}))
                             when 'object' then to_json(left(cell.value::text, ${cellChars}))
                             when 'array' then to_json(left(cell.value::text, ${cellChars}))
                             else cell.value end))::text
                   from json_each(to_json(asked)) as cell) as line
           from (${bare}\n) as asked limit ${mostRows + 1}) as shown`,
  );
  return rows.map((row) => row.line);
}

const lineSchema = z.array(z.tuple([z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])]));

function answerOf(lines: readonly (string | null)[], traced: Traced): QueriedRows {
  const kept: z.infer<typeof lineSchema>[] = [];
  let chars = 0;
  for (const line of lines.slice(0, mostRows)) {
    chars += line?.length ?? 0;
    if (line === null || chars > answerChars) continue;
    kept.push(lineSchema.parse(JSON.parse(line)));
  }
  const columns = kept[0]?.map(([name]) => name) ?? [];
  const cells = kept.map((row) => row.map(([, value]): Json => value));
  const { rows, maskedCells } = maskCells(columns, cells, traced);
  return { columns, rows, maskedCells, cut: kept.length < lines.length };
}
