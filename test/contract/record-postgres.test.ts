import { Client } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/platform/log.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { recordContract } from './record-contract.ts';
import { noon, sampleIncident } from './record-samples.ts';

let database: TestDatabase | undefined;

recordContract('postgres', async (clock) => {
  database = await createTestDatabase();
  return await openRecord({ databaseUrl: database.url, dataDir: null, auditKey, clock });
});

afterAll(() => database?.drop());

describe('a server that refuses pg_trgm', () => {
  it('still finds similar incidents, by words and by shape, and the log says what is missing', async () => {
    const own = await createTestDatabase();
    const options = { databaseUrl: own.url, dataDir: null, auditKey };
    await (await openRecord(options)).close();
    const client = new Client({ connectionString: own.url });
    await client.connect();
    await client.query('drop extension pg_trgm cascade');
    await client.end();
    const warned: string[] = [];
    const log = { ...silentLog, warn: (_: unknown, text: string) => void warned.push(text) };
    const opened = await openRecord({ ...options, log });
    const incident = sampleIncident();
    await opened.record.incidents.insert(incident);
    const { id: incidentId, title } = incident;
    await opened.record.knowledge.put({
      incidentId,
      title,
      service: null,
      markdown: 'jwt expired',
      at: noon,
    });

    const { hits } = await opened.record.knowledge.similar(
      { text: 'jwt expires', shape: null, exclude: null },
      5,
    );

    expect(hits[0]).toMatchObject({ incidentId, parts: { trigrams: null } });
    expect(warned).toEqual([expect.stringContaining('create extension pg_trgm')]);
    await opened.close();
    await own.drop();
  });
});
