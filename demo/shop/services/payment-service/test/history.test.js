import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHistory } from '../src/history.js';
import { createLedger } from '../src/ledger.js';

test('the payments of today are there, newest first, and nobody else’s', async () => {
  const ledger = createLedger({ settings: () => ({ maxEntries: 10 }) });
  ledger.record({ id: 'ch-1', userId: 'u-1', amountMinor: 100 });
  ledger.record({ id: 'ch-2', userId: 'u-2', amountMinor: 200 });
  ledger.record({ id: 'ch-3', userId: 'u-1', amountMinor: 300 });
  const archive = { recentOf: async () => [] };
  const { payments } = await createHistory({ ledger, archive }).recent('u-1');
  assert.deepEqual(
    payments.map((payment) => payment.id),
    ['ch-3', 'ch-1'],
  );
});
