import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createArchive, openArchive } from '../src/archive.js';

const log = { warn() {} };
const row = {
  id: 7,
  user_id: 'u-1',
  order_id: 'o-1',
  amount_minor: 1000,
  currency: 'EUR',
  created_at: new Date(0),
};

test('a payment is found by its number', async () => {
  const asked = [];
  const archive = createArchive({
    query: async (...question) => {
      asked.push(question);
      return { rows: [row] };
    },
    log,
  });
  assert.equal((await archive.find('7')).orderId, 'o-1');
  assert.deepEqual(asked[0][1], ['7']);
});

test('what is no number is not asked for', async () => {
  const archive = createArchive({ query: () => assert.fail('asked'), log });
  assert.equal(await archive.find('ch-1-ABC'), undefined);
});

test('an archive that gives no answer holds nothing', async () => {
  const archive = createArchive({ query: async () => Promise.reject(new Error('timeout')), log });
  assert.equal(await archive.find('7'), undefined);
});

test('without an address there is an empty archive', async () => {
  const { archive, close } = await openArchive({ url: undefined, settings: () => ({}), log });
  assert.equal(await archive.find('7'), undefined);
  close();
});
