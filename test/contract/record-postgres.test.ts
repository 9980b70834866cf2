import { afterAll } from 'vitest';
import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { recordContract } from './record-contract.ts';

let database: TestDatabase | undefined;

recordContract('postgres', async (clock) => {
  database = await createTestDatabase();
  return await openRecord({ databaseUrl: database.url, dataDir: null, auditKey, clock });
});

afterAll(() => database?.drop());
