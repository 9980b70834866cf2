import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocate, rankWarehouses } from '../src/allocation.js';

const warehouses = [
  { id: 'b', serves: ['SE', 'DE'] },
  { id: 'a', serves: ['DE'] },
];
const stock = (levels) => ({ level: (id, sku) => levels[`${id}/${sku}`] ?? 0 });

test('warehouses are ranked by how close they are to the country', () => {
  assert.deepEqual(
    rankWarehouses(warehouses, 'DE').map((w) => w.id),
    ['a', 'b'],
  );
});

test('one parcel is preferred to two', () => {
  const pickList = [
    { sku: 'X', quantity: 1 },
    { sku: 'Y', quantity: 1 },
  ];
  const lines = allocate({
    pickList,
    country: 'DE',
    warehouses,
    stock: stock({ 'a/X': 1, 'b/X': 1, 'b/Y': 1 }),
  });
  assert.deepEqual(
    lines.map((l) => l.warehouseId),
    ['b', 'b'],
  );
});

test('a list is split when no warehouse has everything, and refused when pieces are missing', () => {
  const pickList = [
    { sku: 'X', quantity: 1 },
    { sku: 'Y', quantity: 2 },
  ];
  const split = allocate({ pickList, country: 'SE', warehouses, stock: stock({ 'a/X': 1, 'b/Y': 2 }) });
  assert.deepEqual(
    split.map((l) => l.warehouseId),
    ['a', 'b'],
  );
  assert.equal(allocate({ pickList, country: 'SE', warehouses, stock: stock({ 'a/X': 1 }) }), undefined);
});
