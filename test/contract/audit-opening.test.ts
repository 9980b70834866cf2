import { PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Client, Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditKeyOf } from '../../src/domain/audit-seal.ts';
import { openAuditDesk } from '../../src/store/audit-desk.ts';
import * as first from '../../src/store/migrations/001-record.ts';
import * as second from '../../src/store/migrations/002-telemetry.ts';
import * as third from '../../src/store/migrations/003-approvals.ts';
import * as fourth from '../../src/store/migrations/004-audit.ts';
import { createDb, openRecord, type RecordOptions } from '../../src/store/open-record.ts';
import { createRecord } from '../../src/store/rows.ts';
import { RootSession } from '../../src/store/session.ts';
import { auditKey } from '../support/audit-key.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { tellFix } from './audit-house.ts';
import { sampleEvent, sampleIncident } from './record-samples.ts';

describe('opening a sealed record', () => {
  let database: TestDatabase;
  let options: RecordOptions;

  beforeEach(async () => {
    database = await createTestDatabase();
    options = { databaseUrl: database.url, dataDir: null, auditKey };
  });
  afterEach(() => database.drop());

  async function ask(...statements: string[]): Promise<unknown[]> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      let rows: unknown[] = [];
      for (const statement of statements) rows = (await client.query(statement)).rows;
      return rows;
    } finally {
      await client.end();
    }
  }

  it('is refused with another secret, before anything is written', async () => {
    await (await openRecord(options)).close();

    const other = openRecord({ ...options, auditKey: auditKeyOf('another secret than that') });

    await expect(other).rejects.toMatchObject({
      code: 'wrong_audit_key',
      hint: expect.stringContaining('audit rekey'),
    });
  });

  it('to check it changes nothing: a record of another version is left as it is', async () => {
    await expect(openAuditDesk(options)).rejects.toMatchObject({
      code: 'record_outdated',
      hint: expect.stringContaining('migrate'),
    });

    expect(await ask(`select 1 from information_schema.tables where table_schema = 'public'`)).toEqual([]);
  });

  it('of an older version seals what it finds, and goes on from there', async () => {
    const db = createDb(new PostgresDialect({ pool: new Pool({ connectionString: database.url }) }));
    const { error } = await new Migrator({
      db,
      provider: {
        getMigrations: async () => ({
          '001-record': first,
          '002-telemetry': second,
          '003-approvals': third,
          '004-audit': { up: (whole) => fourth.up(whole, auditKey) },
        }),
      },
    }).migrateToLatest();
    expect(error).toBeUndefined();
    const older = createRecord(new RootSession(db, undefined, auditKey), () => db.destroy());
    await older.incidents.insert(sampleIncident({ id: 'incident-a' }));
    await tellFix(older, 'incident-a');
    await older.close();
    // What was written before there were seals.
    await ask(
      'drop table timeline_heads, row_seals, audit_anchor_heads, audit_anchors, audit_key',
      'drop index timeline_in_time',
      `delete from kysely_migration where name = '004-audit'`,
    );

    const opened = await openRecord(options);
    await opened.record.timeline.append('incident-a', sampleEvent());
    await opened.close();

    const desk = await openAuditDesk(options);
    expect(await desk.verify(null)).toMatchObject({
      holds: true,
      checked: { entries: 6, plans: 1 },
      problems: [],
    });
    await desk.close();
  });
});
