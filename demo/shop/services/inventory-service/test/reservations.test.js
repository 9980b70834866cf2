import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAvailability } from '../src/availability.js';
import { createCatalog } from '../src/catalog.js';
import { createReservations } from '../src/reservations.js';
import { restock } from '../src/restock.js';
import { createStock } from '../src/stock.js';
import { createStockCache } from '../src/stock-cache.js';

const articles = [
  { sku: 'A', name: 'a', priceMinor: 100, initialStock: 5 },
  { sku: 'B', name: 'b', priceMinor: 200, initialStock: 8 },
];
const warehouses = [
  { id: 'north', serves: ['SE'] },
  { id: 'south', serves: ['DE'] },
];

function makeInventory() {
  const state = { now: 1000 };
  const now = () => state.now;
  const catalog = createCatalog({ articles: () => articles });
  const stock = createStock({ warehouses: () => warehouses, articles: () => articles });
  const cache = createStockCache({ settings: () => ({ ttlMs: 50, maxEntries: 10 }), now });
  const availability = createAvailability({ catalog, stock, cache, settings: () => ({ lowBelow: 3 }) });
  const reservations = createReservations({
    catalog,
    stock,
    cache,
    warehouses: () => warehouses,
    settings: () => ({ holdMs: 100, maxQuantity: 5 }),
    log: { info() {} },
    now,
  });
  return { state, stock, cache, availability, reservations };
}

test('a reservation takes from the nearest warehouse', () => {
  const { reservations, stock } = makeInventory();
  reservations.reserve({ orderId: 'o1', sku: 'A', quantity: 2, country: 'DE' });
  assert.equal(stock.level('south', 'A'), 3);
  assert.equal(stock.level('north', 'A'), 5);
});

test('a released or expired reservation puts the pieces back', () => {
  const { reservations, stock, state } = makeInventory();
  const first = reservations.reserve({ orderId: 'o1', sku: 'A', quantity: 2, country: 'DE' });
  reservations.release(first.id);
  assert.equal(stock.total('A'), 10);
  reservations.reserve({ orderId: 'o2', sku: 'A', quantity: 3, country: 'DE' });
  state.now += 101;
  assert.equal(reservations.releaseExpired(), 1);
  assert.equal(stock.total('A'), 10);
});

test('a confirmed reservation stays sold', () => {
  const { reservations, stock, state } = makeInventory();
  const { id } = reservations.reserve({ orderId: 'o1', sku: 'A', quantity: 1, country: 'SE' });
  reservations.confirm(id);
  state.now += 1000;
  reservations.releaseExpired();
  assert.equal(stock.total('A'), 9);
  assert.throws(() => reservations.confirm(id), { status: 404 });
});

test('what is not there cannot be reserved', () => {
  const { reservations } = makeInventory();
  reservations.reserve({ orderId: 'o1', sku: 'A', quantity: 5, country: 'SE' });
  reservations.reserve({ orderId: 'o2', sku: 'A', quantity: 5, country: 'SE' });
  const order = { orderId: 'o3', sku: 'A', country: 'SE' };
  assert.throws(() => reservations.reserve({ ...order, quantity: 1 }), { status: 409 });
  assert.throws(() => reservations.reserve({ ...order, quantity: 6 }), { status: 422 });
  assert.throws(() => reservations.reserve({ ...order, quantity: 1, sku: 'Z' }), { status: 404 });
});

test('stock shown to customers follows a reservation although it is cached', () => {
  const { availability, reservations } = makeInventory();
  assert.deepEqual(availability.one('A'), { sku: 'A', sellable: 10, state: 'available' });
  reservations.reserve({ orderId: 'o1', sku: 'A', quantity: 4, country: 'SE' });
  assert.equal(availability.one('A').sellable, 6);
  assert.equal(availability.page({ offset: 0, limit: 1 }).length, 1);
});

test('deliveries fill shelves under the reorder point only', () => {
  const { stock, cache } = makeInventory();
  const settings = () => ({ reorderPoint: 6, deliverySize: 10 });
  assert.equal(restock({ articles, warehouses, stock, cache, settings }), 2);
  assert.equal(stock.level('north', 'A'), 15);
  assert.equal(stock.level('north', 'B'), 8);
});
