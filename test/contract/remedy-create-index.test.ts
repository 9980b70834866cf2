import { createCreateIndex } from '../../src/remedies/create-index/create-index.ts';
import { databaseTools, openPostgresHouse, password, serviceWith } from './postgres-house.ts';
import { describeRemedy } from './remedy-contract.ts';

describeRemedy('create-index on PostgreSQL', async () => {
  const house = await openPostgresHouse();
  return {
    remedy: createCreateIndex(databaseTools(house)),
    service: serviceWith(house.target),
    params: {
      database: 'payments',
      table: 'payments',
      columns: [{ name: 'user_id' }, { name: 'created_at', order: 'desc' }],
      statement: 'select * from payments where user_id = $1 order by created_at desc limit 20',
    },
    look: house.indexes,
    effects: () => house.commands('CREATE INDEX'),
    moveWorld: async () => {
      await house.query('alter table payments add column currency text');
    },
    loseReply: async () => house.loseReplyTo('CREATE INDEX CONCURRENTLY'),
    secrets: [password],
    nonsense: [
      { database: 'payments', table: 'payments', columns: [] },
      { database: 'payments', table: 'payments', columns: ['user_id', 'user_id'] },
      { database: 'payments', table: 'payments', columns: ['nobody'] },
      { database: 'payments', table: 'payments', columns: ['state'] },
      { database: 'payments', table: 'payments', columns: [{ name: 'user_id', order: 'sideways' }] },
      { database: 'payments', table: 'payments', columns: ['user_id); drop table payments; --'] },
      { database: 'payments', table: 'pg_class', columns: ['relname'] },
      { database: 'payments', schema: 'pg_catalog', table: 'pg_class', columns: ['relname'] },
      { database: 'payments', table: 'payments', columns: ['user_id'], statement: '' },
    ],
    close: house.close,
  };
});
