import { createDropIndex } from '../../src/remedies/drop-index/drop-index.ts';
import { databaseTools, openPostgresHouse, password, serviceWith } from './postgres-house.ts';
import { describeRemedy } from './remedy-contract.ts';

describeRemedy('drop-index on PostgreSQL', async () => {
  const house = await openPostgresHouse();
  return {
    remedy: createDropIndex(databaseTools(house)),
    service: serviceWith(house.target),
    params: { database: 'payments', index: 'payments_state' },
    look: house.indexes,
    effects: () => house.commands('DROP INDEX'),
    moveWorld: async () => {
      await house.query('drop index payments_created');
      await house.query('truncate commands');
    },
    loseReply: async () => house.loseReplyTo('DROP INDEX CONCURRENTLY'),
    secrets: [password],
    nonsense: [
      { database: 'payments', index: 'payments_pkey' },
      { database: 'payments', index: 'payments' },
      { database: 'payments', index: 'nobody' },
      { database: 'payments', schema: 'pg_catalog', index: 'pg_class_oid_index' },
    ],
    close: house.close,
  };
});
