import { sql } from 'kysely';
import type { StoredEntry, StreamEnds } from '../domain/audit-chain.ts';
import type { AuditProblem } from '../domain/audit-report.ts';
import type { IncidentRows } from '../domain/audit-rows.ts';
import type { Db } from './session.ts';

const entriesPerPage = 2000;

/** The next entries of all timelines, one timeline after the other, each in its order. */
export async function readEntries(
  db: Db,
  after: { readonly incidentId: string; readonly seq: number } | null,
): Promise<StoredEntry[]> {
  const query = db
    .selectFrom('timeline')
    .selectAll()
    .select(sql<boolean>`at = date_trunc('milliseconds', at)`.as('exact'))
    .orderBy('incidentId')
    .orderBy('seq')
    .limit(entriesPerPage);
  const rest =
    after === null
      ? query
      : query.where(sql<boolean>`(incident_id, seq) > (${after.incidentId}, ${after.seq})`);
  return await rest.execute();
}

/** What the timelines of some streams are held to. */
export interface StreamFacts {
  readonly incidents: ReadonlySet<string>;
  readonly heads: ReadonlyMap<string, { stream: string; seq: number; hash: string; mac: string }>;
  readonly anchored: ReadonlyMap<string, StreamEnds['anchored']>;
  readonly plans: ReadonlyMap<string, IncidentRows['plans']>;
  readonly approvals: ReadonlyMap<string, IncidentRows['approvals']>;
  readonly executions: ReadonlyMap<string, IncidentRows['executions']>;
}

export async function readStreamFacts(db: Db, streams: readonly string[]): Promise<StreamFacts> {
  const among = sql<string>`any(${streams}::text[])`;
  const incidents = await db.selectFrom('incidents').select('id').where('id', '=', among).execute();
  const heads = await db.selectFrom('timelineHeads').selectAll().where('stream', '=', among).execute();
  const anchored = await db
    .selectFrom('auditAnchorHeads')
    .selectAll()
    .where('stream', '=', among)
    .orderBy('stream')
    .orderBy('seq')
    .execute();
  const plans = await db
    .selectFrom('plans')
    .select(['id', 'digest', 'incidentId'])
    .where('incidentId', '=', among)
    .execute();
  const approvals = await db
    .selectFrom('approvals')
    .innerJoin('plans', 'plans.id', 'approvals.planId')
    .selectAll('approvals')
    .select('plans.incidentId')
    .where('plans.incidentId', '=', among)
    .execute();
  const executions = await db
    .selectFrom('executions')
    .select(['id', 'planId', 'incidentId'])
    .where('incidentId', '=', among)
    .execute();
  return {
    incidents: new Set(incidents.map((row) => row.id)),
    heads: new Map(heads.map((row) => [row.stream, row])),
    anchored: Map.groupBy(anchored, (row) => row.stream),
    plans: Map.groupBy(plans, (row) => row.incidentId),
    approvals: Map.groupBy(approvals, (row) => row.incidentId),
    executions: Map.groupBy(executions, (row) => row.incidentId),
  };
}

/** Rows that belong to nothing: the database's own references refuse them, unless somebody switched those off. */
export async function readStrays(db: Db): Promise<AuditProblem[]> {
  const { rows } = await sql<{ text: string }>`
    select 'approval ' || id || ' belongs to no plan.' as text from approvals a
      where not exists (select from plans p where p.id = a.plan_id)
    union all
    select 'execution ' || id || ' belongs to no plan.' from executions e
      where not exists (select from plans p where p.id = e.plan_id)
    union all
    select 'the sealed ' || relation || ' row ' || id || ' is gone.' from row_seals s
      where (relation = 'approvals' and not exists (select from approvals r where r.id = s.id))
         or (relation = 'plans' and not exists (select from plans r where r.id = s.id))
         or (relation = 'executions' and not exists (select from executions r where r.id = s.id))
         or (relation = 'halts' and not exists (select from halts r where r.id = s.id))
         or (relation = 'delegations' and not exists (select from delegations r where r.id = s.id))`.execute(
    db,
  );
  return rows.map(({ text }) => ({ stream: null, seq: null, fault: 'row', text }));
}
