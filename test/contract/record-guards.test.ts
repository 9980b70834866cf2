import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstBrokenLink } from '../../src/domain/timeline.ts';
import { type OpenedRecord, openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { sampleEvent, sampleIncident, samplePlan } from './record-samples.ts';

/** What somebody with a database client, or code with a mistake in it, must not be able to do. */
describe('the record against tampering', () => {
  let database: TestDatabase;
  let opened: OpenedRecord;
  let intruder: Client;
  const incident = sampleIncident();
  const plan = samplePlan(incident.id);

  beforeAll(async () => {
    database = await createTestDatabase();
    opened = await openRecord({ databaseUrl: database.url, dataDir: null, auditKey });
    intruder = new Client({ connectionString: database.url });
    await intruder.connect();
    await opened.record.incidents.insert(incident);
    await opened.record.timeline.append(incident.id, sampleEvent());
    await opened.record.timeline.append(incident.id, sampleEvent());
    await opened.record.plans.insert(plan);
    await opened.record.plans.recordApproval({
      id: 'approval-1',
      planId: plan.id,
      digest: plan.digest,
      userId: 'U1',
      decision: 'approve',
      inNameOf: null,
      reason: null,
      at: new Date(),
    });
  });

  afterAll(async () => {
    await intruder.end();
    await opened.close();
    await database.drop();
  });

  it.each([
    ['a changed timeline entry', `update timeline set text = 'nothing happened'`],
    ['a removed timeline entry', `delete from timeline where seq = 2`],
    ['an emptied timeline', `truncate timeline`],
    ['an emptied timeline by way of its incidents', `truncate incidents cascade`],
    ['a changed approval', `update approvals set user_id = 'U2'`],
    ['a removed approval', `delete from approvals`],
    ['a plan with other bytes', `update plans set canonical = '{}', digest = encode(sha256('{}'), 'hex')`],
    ['a plan that lasts longer', `update plans set expires_at = now() + interval '1 year'`],
  ])('the database refuses %s', async (_what, statement) => {
    await expect(intruder.query(statement)).rejects.toMatchObject({ code: '23001' });
  });

  it('lets a plan change its state', async () => {
    expect(await opened.record.plans.move(plan.id, 'pending', 'approved')).toBe(true);
  });

  it('shows where the chain breaks when an owner of the database switches the guard off', async () => {
    await intruder.query('alter table timeline disable trigger user');
    await intruder.query(`update timeline set text = 'nothing happened' where seq = 2`);

    expect(firstBrokenLink(await opened.record.timeline.ofIncident(incident.id))).toBe(2);
  });
});
