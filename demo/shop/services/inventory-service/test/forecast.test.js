import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createForecast } from '../src/forecast.js';

const forecast = createForecast({
  catalog: {
    find: (sku) => (sku === 'A' ? { sku } : undefined),
    pickList: () => [{ sku: 'A', quantity: 2 }],
  },
  stock: { level: () => 100 },
  warehouses: () => [{ id: 'ham', city: 'Hamburg' }],
  settings: () => ({ days: 3, soldPerDay: 4, deliveryEveryDays: 3, spreadPercent: 10 }),
  now: () => 0,
});

test('pieces go down by what is sold, and up with a delivery', () => {
  const { expected } = forecast('A');
  assert.deepEqual(
    expected.map((day) => [day.date, day.pieces, day.incoming]),
    [
      ['1970-01-02', 46, 0],
      ['1970-01-03', 42, 0],
      ['1970-01-04', 50, 12],
    ],
  );
});

test('an article that is unknown has no forecast', () => {
  assert.throws(() => forecast('B'), { code: 'UNKNOWN_SKU' });
});
