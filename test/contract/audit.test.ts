import { afterAll } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/databases.ts';
import { auditContract } from './audit-contract.ts';

let database: TestDatabase | undefined;

auditContract(
  'postgres',
  async () => {
    database = await createTestDatabase();
    return database.url;
  },
  150,
);

auditContract('pglite', async () => null, 50);

afterAll(() => database?.drop());
