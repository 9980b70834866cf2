import { type Kysely, PostgresDialect, sql } from 'kysely';
import type { Anchor } from '../../src/domain/audit-anchor.ts';
import type { AuditReport } from '../../src/domain/audit-report.ts';
import type { Execution } from '../../src/domain/execution.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { chainStart, hashEntry } from '../../src/domain/timeline.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { AuditAnchors } from '../../src/ports/audit.ts';
import { type Record, systemStream } from '../../src/ports/record.ts';
import { createAuditAnchors } from '../../src/store/audit-anchors.ts';
import { verifyRecord } from '../../src/store/audit-verify.ts';
import { migrateToLatest } from '../../src/store/migrate.ts';
import { createDb, openPglite } from '../../src/store/open-record.ts';
import { createPostgresPool } from '../../src/store/postgres-pool.ts';
import { createRecord } from '../../src/store/rows.ts';
import type { Database } from '../../src/store/schema.ts';
import { RootSession } from '../../src/store/session.ts';
import { auditKey } from '../support/audit-key.ts';
import { noon, sampleEvent, sampleExecution, sampleIncident, samplePlan } from './record-samples.ts';

export type Tables = Kysely<Database>;

/** A record and somebody who owns its database, and so can switch every guard off. */
export interface AuditHouse {
  readonly db: Tables;
  readonly record: Record;
  readonly audit: AuditAnchors;
  /** What is found after `tamper`; then all is as it was. */
  after(tamper: (db: Tables) => Promise<unknown>, anchor?: string | null): Promise<AuditReport>;
  close(): Promise<void>;
}

/** @param databaseUrl null: PGlite in memory */
export async function openAuditHouse(databaseUrl: string | null): Promise<AuditHouse> {
  const { db, destroy } =
    databaseUrl === null ? await openPglite(null) : connect(createPostgresPool(databaseUrl, silentLog));
  await migrateToLatest(db, auditKey);
  const session = new RootSession(db, undefined, auditKey);
  return {
    db,
    record: createRecord(session, destroy),
    audit: createAuditAnchors(session),
    async after(tamper, anchor = null) {
      let report: AuditReport | undefined;
      const undo = new Error('undo');
      await db
        .transaction()
        .execute(async (all) => {
          // Switches off triggers and references; a superuser may.
          await sql`set local session_replication_role = replica`.execute(all);
          await tamper(all);
          report = await verifyRecord(all, auditKey, anchor);
          throw undo;
        })
        .catch((error: unknown) => {
          if (error !== undo) throw error;
        });
      if (report === undefined) throw new Error('nothing was verified');
      return report;
    },
    close: destroy,
  };
}

function connect(pool: ReturnType<typeof createPostgresPool>) {
  const db = createDb(new PostgresDialect({ pool }));
  return { db, destroy: () => db.destroy() };
}

/** A fix from its offer to its verification, as the flow writes it down. */
export async function tellFix(
  record: Record,
  incidentId: string,
): Promise<{ plan: Plan; execution: Execution }> {
  const plan = samplePlan(incidentId, { state: 'pending', createdAt: new Date(), expiresAt: new Date() });
  const about = { planId: plan.id, digest: plan.digest };
  const say = (kind: string, actor: string, data: { readonly [key: string]: string | null } = {}) =>
    record.timeline.append(
      incidentId,
      sampleEvent({ kind, actor, text: `${kind}.`, data: { ...about, ...data } }),
    );
  await record.transaction(async (rows) => {
    await rows.plans.insert(plan);
    await say('plan.offered', 'agent:billing');
  });
  await say('plan.shown', 'warroom');
  await record.transaction(async (rows) => {
    await rows.plans.move(plan.id, 'pending', 'approved');
    await rows.plans.recordApproval({
      id: `approval-of-${plan.id}`,
      planId: plan.id,
      digest: plan.digest,
      userId: 'U1',
      decision: 'approve',
      inNameOf: 'U2',
      reason: 'looks right',
      at: noon,
    });
    await say('plan.approved', 'user:U1', { reason: 'looks right', inNameOf: 'U2' });
  });
  const execution = sampleExecution(plan);
  await record.transaction(async (rows) => {
    await rows.plans.move(plan.id, 'approved', 'executing');
    await rows.executions.ensure(execution);
    await say('execution.started', 'warroom', { executionId: execution.id });
  });
  await record.executions.update(execution.id, { state: 'verified', finishedAt: noon });
  await record.plans.move(plan.id, 'executing', 'verified');
  await say('verification.passed', 'warroom');
  return { plan, execution };
}

/** Two incidents, the first with a fix; a halt that was lifted, one in force, and a delegation. */
export async function tellStory(record: Record): Promise<{ plan: Plan; execution: Execution }> {
  for (const id of ['incident-a', 'incident-b']) {
    await record.incidents.insert(sampleIncident({ id }));
    for (const text of ['Opened.', 'Joined.', 'Looked at.']) {
      await record.timeline.append(id, sampleEvent({ text }));
    }
  }
  const fix = await tellFix(record, 'incident-a');
  await halt(record, 'halt-1', 'raised');
  await halt(record, 'halt-1', 'lifted');
  await halt(record, 'halt-2', 'raised');
  await record.delegations.insert({
    id: 'delegation-1',
    from: 'U2',
    to: 'U1',
    reason: 'lunch',
    at: noon,
    until: new Date('2999-01-01T00:00:00Z'),
    revokedAt: null,
  });
  return fix;
}

async function halt(record: Record, id: string, how: 'raised' | 'lifted'): Promise<void> {
  await record.transaction(async (rows) => {
    if (how === 'raised') await rows.halts.raise({ id, by: 'U3', reason: 'wait' });
    else await rows.halts.lift('U3', 'go on');
    const event = { kind: `halt.${how}`, actor: 'user:U3', text: `${how}.`, data: { haltId: id } };
    await rows.timeline.append(systemStream, event);
  });
}

/** What an owner of the database without the key can do after changing a timeline: make all hashes agree again. */
export async function rehash(db: Tables, incidentId: string, from = 1): Promise<void> {
  const rows = await db
    .selectFrom('timeline')
    .selectAll()
    .where('incidentId', '=', incidentId)
    .orderBy('seq')
    .execute();
  let previousHash = chainStart;
  for (const row of rows) {
    const hash = row.seq < from ? row.hash : hashEntry({ ...row, previousHash });
    if (row.seq >= from) {
      await db
        .updateTable('timeline')
        .set({ previousHash, hash })
        .where('incidentId', '=', incidentId)
        .where('seq', '=', row.seq)
        .execute();
    }
    previousHash = hash;
  }
}

/** Statements, one after the other. */
export function run(...statements: string[]): (db: Tables) => Promise<void> {
  return async (db) => {
    for (const statement of statements) await sql.raw(statement).execute(db);
  };
}

/** The record after its story: incident-b has three entries before an anchor, one that is its end, and three after it. */
export interface AuditScene extends AuditHouse {
  /** The first of all. */
  readonly anchor: Anchor;
  /** The sealed end of incident-b before the anchor, and as the anchor saw it. */
  readonly early: SealedEnd;
  readonly anchored: SealedEnd;
}

export interface SealedEnd {
  readonly seq: number;
  readonly hash: string;
  readonly mac: string;
}

export async function openAuditScene(databaseUrl: string | null): Promise<AuditScene> {
  const house = await openAuditHouse(databaseUrl);
  const { record, db } = house;
  await tellStory(record);
  const early = await endOf(db, 'incident-b');
  await record.timeline.append('incident-b', sampleEvent({ text: 'Before the anchor.' }));
  const { anchor } = await house.audit.anchor(0);
  if (anchor === null) throw new Error('no anchor was made');
  const anchored = await endOf(db, 'incident-b');
  for (const text of ['After.', 'Later.', 'At last.']) {
    await record.timeline.append('incident-b', sampleEvent({ text }));
  }
  return { ...house, anchor, early, anchored };
}

export async function endOf(db: Tables, stream: string): Promise<SealedEnd> {
  return await db
    .selectFrom('timelineHeads')
    .select(['seq', 'hash', 'mac'])
    .where('stream', '=', stream)
    .executeTakeFirstOrThrow();
}

/** A copy of an end from when it was good: its seal is good too. */
export async function putBack(db: Tables, end: SealedEnd): Promise<void> {
  await db.updateTable('timelineHeads').set(end).where('stream', '=', 'incident-b').execute();
}
