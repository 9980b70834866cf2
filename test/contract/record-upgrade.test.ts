import { type Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Execution, standingSteps } from '../../src/domain/execution.ts';
import { type PlanBody, planCanonical } from '../../src/domain/plan.ts';
import * as record from '../../src/store/migrations/001-record.ts';
import * as telemetry from '../../src/store/migrations/002-telemetry.ts';
import { createDb, type OpenedRecord, openRecord } from '../../src/store/open-record.ts';
import type { Database } from '../../src/store/schema.ts';
import { auditKey } from '../support/audit-key.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { noon, sampleIncident, samplePlan } from './record-samples.ts';

const inverse = { mergeCommit: 'f'.repeat(40) };
const receipt = { summary: 'Merged.', url: 'https://host.example/pull/1', data: {} };
const undoReceipt = { summary: 'Reverted.', url: 'https://host.example/pull/2', data: {} };

/** What the version wrote that knew plans of one revert only. */
describe('a record of the first version', () => {
  let database: TestDatabase;
  let opened: OpenedRecord;
  let client: Client;
  const incident = sampleIncident();

  beforeAll(async () => {
    database = await createTestDatabase();
    const db: Kysely<Database> = createDb(
      new PostgresDialect({ pool: new Pool({ connectionString: database.url }) }),
    );
    const provider = { getMigrations: async () => ({ '001-record': record, '002-telemetry': telemetry }) };
    const { error } = await new Migrator({ db, provider }).migrateToLatest();
    if (error !== undefined) throw error;
    await db
      .insertInto('incidents')
      .values({ ...incident, services: JSON.stringify(incident.services) } as never)
      .execute();
    await db.destroy();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await insertPlan('waiting', 'pending');
    await insertExecution('begun', 'intent', null, null);
    await insertExecution('done', 'applied', receipt, null);
    await insertExecution('stopped-undoing', 'rolling-back', receipt, null);
    await insertExecution('undone', 'rolled-back', receipt, undoReceipt);
    await insertExecution('not-undone', 'failed', receipt, null);
    await client.end();
    opened = await openRecord({ databaseUrl: database.url, dataDir: null, auditKey });
  });
  afterAll(async () => {
    await opened.close();
    await database.drop();
  });

  async function insertPlan(id: string, state: string): Promise<void> {
    const { body, nonce, createdBy, createdAt, expiresAt } = samplePlan(incident.id);
    const { tainted: _tainted, requestedBy: _requestedBy, history: _history, ...rest } = body;
    const remedies = rest.remedies.map(({ preview: { measured: _measured, ...preview }, ...remedy }) => ({
      ...remedy,
      preview,
    }));
    const { canonical, digest } = planCanonical({ ...rest, planId: id, remedies } as unknown as PlanBody);
    await client.query(
      `insert into plans (id, incident_id, canonical, digest, nonce, state, created_by, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [id, incident.id, canonical, digest, nonce, state, createdBy, createdAt, expiresAt],
    );
  }

  async function insertExecution(id: string, state: string, done: unknown, undone: unknown): Promise<void> {
    await insertPlan(id, 'executed');
    await client.query(
      `insert into executions (id, plan_id, incident_id, state, inverse, receipt, undo_receipt, approved_by, started_at)
       values ($1, $1, $2, $3, $4, $5, $6, 'U1', $7)`,
      [id, incident.id, state, inverse, done, undone, noon],
    );
  }

  const execution = async (id: string): Promise<Execution> => {
    const found = await opened.record.executions.get(id);
    if (found === undefined) throw new Error(`no execution ${id}`);
    return found;
  };

  it.each([
    ['begun', 'intent', []],
    ['done', 'applied', [0]],
    ['stopped-undoing', 'undoing', [0]],
    ['undone', 'undone', []],
    ['not-undone', 'failed', [0]],
  ])('knows what was %s, and what of it stands', async (id, state, standing) => {
    const migrated = await execution(id);

    expect(migrated.steps).toHaveLength(1);
    expect(migrated.steps[0]).toMatchObject({ state, inverse });
    expect(standingSteps(migrated)).toEqual(standing);
  });

  it('keeps the receipts', async () => {
    const [step] = (await execution('undone')).steps;
    expect(step).toEqual({ state: 'undone', inverse, receipt, undoReceipt, check: null, error: null });
  });

  it('has plans that can be read, with what they did not say yet', async () => {
    const plan = await opened.record.plans.get('waiting');

    expect(plan?.body).toMatchObject({ tainted: false, requestedBy: [], history: [] });
    expect(plan?.body.remedies[0]?.preview.measured).toBeNull();
    expect((await opened.record.plans.pending()).map(({ id }) => id)).toEqual(['waiting']);
  });
});
