import { type Kysely, sql } from 'kysely';
import { type AuditKey, sameSeal, sealRow } from '../domain/audit-seal.ts';
import type { Json } from '../platform/canonical-json.ts';
import type { Delegations, Executions, Halts, Plans } from '../ports/record.ts';
import type { Database } from './schema.ts';
import type { Db, Session } from './session.ts';

/** Rows that decide what is executed, and what a seal covers of them. A plan's bytes are covered by its digest. */
export const sealedColumns = {
  plans: ['id', 'incidentId', 'digest', 'nonce', 'state', 'createdBy', 'createdAt', 'expiresAt', 'runsAt'],
  approvals: ['id', 'planId', 'digest', 'userId', 'decision', 'inNameOf', 'reason', 'at'],
  executions: [
    'id',
    'planId',
    'incidentId',
    'state',
    'steps',
    'before',
    'after',
    'approvedBy',
    'undoReason',
    'undoingSince',
    'error',
    'startedAt',
    'appliedAt',
    'finishedAt',
  ],
  halts: ['id', 'by', 'reason', 'at', 'liftedBy', 'liftedAt', 'liftReason'],
  delegations: ['id', 'from', 'to', 'reason', 'at', 'until', 'revokedAt'],
} as const satisfies Partial<{ [Table in keyof Database]: readonly (keyof Database[Table])[] }>;

export type SealedRelation = keyof typeof sealedColumns;

export interface SealedRow {
  readonly id: string;
  /** Made with our key, for what the row says now. */
  readonly sealed: boolean;
}

/** Rows and their seals, in order of their ids; `of` names the rows wanted, or where to go on. */
export async function readSealed(
  db: Kysely<Database>,
  auditKey: AuditKey,
  relation: SealedRelation,
  of: { readonly ids: readonly string[] } | { readonly after: string; readonly limit: number },
): Promise<SealedRow[]> {
  const wanted =
    'ids' in of
      ? sql`where r.id in (${sql.join(of.ids)}) for no key update of r`
      : sql`where r.id > ${of.after} order by r.id limit ${of.limit}`;
  const { rows } = await sql<{ [column: string]: unknown; id: string; mac: string | null }>`
    select ${sql.join(sealedColumns[relation].map((column) => sql.ref(`r.${column}`)))}, s.mac
    from ${sql.table(relation)} as r
    left join row_seals as s on s.relation = ${relation} and s.id = r.id
    ${wanted}`.execute(db);
  return rows.map(({ mac, ...columns }) => ({
    id: columns.id,
    sealed: mac !== null && sameSeal(sealOf(auditKey, relation, columns), mac),
  }));
}

/** Seals rows as they are now. */
export async function sealRows(
  db: Kysely<Database>,
  auditKey: AuditKey,
  relation: SealedRelation,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await sql<{ [column: string]: unknown; id: string }>`
    select ${sql.join(sealedColumns[relation].map((column) => sql.ref(column)))}
    from ${sql.table(relation)} where id in (${sql.join(ids)})`.execute(db);
  for (const row of rows) {
    const mac = sealOf(auditKey, relation, row);
    await db
      .insertInto('rowSeals')
      .values({ relation, id: row.id, mac })
      .onConflict((conflict) => conflict.columns(['relation', 'id']).doUpdateSet({ mac }))
      .execute();
  }
}

export function sealPlans(session: Session, plans: Plans): Plans {
  const sealing = <T>(id: string, work: () => Promise<T>) => sealAfter(session, 'plans', [id], work);
  return {
    ...plans,
    insert: (plan) => sealing(plan.id, () => plans.insert(plan)),
    move: (id, from, to) => sealing(id, () => plans.move(id, from, to)),
    begin: (id) => sealing(id, () => plans.begin(id)),
    recordApproval: (approval) =>
      sealAfter(session, 'approvals', [approval.id], () => plans.recordApproval(approval)),
  };
}

export function sealExecutions(session: Session, executions: Executions): Executions {
  const sealing = <T>(id: string, work: () => Promise<T>) => sealAfter(session, 'executions', [id], work);
  return {
    ...executions,
    ensure: (execution) => sealing(execution.id, () => executions.ensure(execution)),
    update: (id, change) => sealing(id, () => executions.update(id, change)),
  };
}

export function sealHalts(session: Session, halts: Halts): Halts {
  return {
    ...halts,
    raise: (halt) => sealAfter(session, 'halts', [halt.id], () => halts.raise(halt)),
    lift: (by, reason) =>
      session.atomic(async () => {
        const inForce = await halts.active();
        if (inForce === undefined) return false;
        return await sealAfter(session, 'halts', [inForce.id], () => halts.lift(by, reason));
      }),
  };
}

export function sealDelegations(session: Session, delegations: Delegations): Delegations {
  return {
    ...delegations,
    insert: (delegation) =>
      sealAfter(session, 'delegations', [delegation.id], () => delegations.insert(delegation)),
    revokeFrom: (userId) =>
      session.atomic(async () => {
        const given = (await delegations.active()).filter((one) => one.from === userId);
        const ids = given.map((one) => one.id);
        return await sealAfter(session, 'delegations', ids, () => delegations.revokeFrom(userId));
      }),
  };
}

/** A row that somebody else changed keeps its broken seal: our next change must not cover theirs. */
async function sealAfter<T>(
  session: Session,
  relation: SealedRelation,
  ids: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  if (ids.length === 0) return await work();
  return await session.atomic(async (db) => {
    const intact = await findIntact(db, session.auditKey, relation, ids);
    const value = await work();
    await sealRows(db, session.auditKey, relation, intact);
    return value;
  });
}

/** Rows with a good seal, and those that are not there yet and never were. */
async function findIntact(
  db: Db,
  auditKey: AuditKey,
  relation: SealedRelation,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await readSealed(db, auditKey, relation, { ids });
  const seals = await db
    .selectFrom('rowSeals')
    .select('id')
    .where('relation', '=', relation)
    .where('id', 'in', ids)
    .execute();
  const known = new Set([...rows, ...seals].map((one) => one.id));
  const good = new Set(rows.filter((row) => row.sealed).map((row) => row.id));
  return ids.filter((id) => good.has(id) || !known.has(id));
}

function sealOf(auditKey: AuditKey, relation: string, row: { readonly [column: string]: unknown }): string {
  // Without what is null, so that a column that a later version adds leaves the seals of older rows whole.
  const said = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  // Through JSON, so that a date is its ISO text.
  return sealRow(auditKey, relation, JSON.parse(JSON.stringify(said)) as { [column: string]: Json });
}
