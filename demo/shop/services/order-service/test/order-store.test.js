import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLetter, createOrderNumbers } from '../src/order-number.js';
import { createOrderStore } from '../src/order-store.js';

test('keeps the newest orders and lists a customer’s latest first', () => {
  const store = createOrderStore({ settings: () => ({ maxOrders: 3 }) });
  for (const id of ['1', '2', '3', '4']) store.save({ id, userId: id === '2' ? 'b' : 'a' });
  assert.equal(store.size(), 3);
  assert.equal(store.find('1'), undefined);
  assert.deepEqual(
    store.ofUser('a', 10).map((o) => o.id),
    ['4', '3'],
  );
  assert.deepEqual(store.ofUser('nobody', 10), []);
});

test('an order number ends with its check letter', () => {
  const number = createOrderNumbers()();
  assert.equal(number.length, 9);
  assert.equal(checkLetter(number.slice(0, 8)), number[8]);
});
