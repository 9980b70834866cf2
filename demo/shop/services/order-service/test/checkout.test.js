import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCheckout } from '../src/checkout.js';
import { HttpError, UpstreamError } from '../src/kit/errors.js';
import { createOrderStore } from '../src/order-store.js';
import { asHttpError, createUpstreams } from '../src/upstreams.js';

const customer = { userId: 'u-1', country: 'DE', tier: 'standard' };
const request = { sku: 'A', quantity: 2, unitPriceMinor: 1000, card: 5 };
const pricing = {
  freeShippingFromMinor: 5000,
  shippingMinor: { default: 500 },
  taxPercent: { default: 20 },
  currencies: { default: 'EUR' },
};

function makeCheckout(overrides = {}) {
  const calls = [];
  const upstreams = {
    reserve: async () => ({ id: 'r-1' }),
    charge: async (body) => {
      calls.push(['charge', body.amountMinor]);
      return { id: 'ch-1' };
    },
    confirmReservation: async () => true,
    releaseReservation: async (id) => void calls.push(['release', id]),
    refund: async (id) => void calls.push(['refund', id]),
    ...overrides,
  };
  const store = createOrderStore({ settings: () => ({ maxOrders: 10 }) });
  const checkout = createCheckout({
    upstreams,
    store,
    nextNumber: () => 'N1',
    pricing: () => pricing,
    promotions: () => [],
    limits: () => ({ maxQuantity: 5 }),
    log: { info() {}, warn() {} },
  });
  return { checkout, store, calls };
}

test('an order is charged its whole price and can be read back', async () => {
  const { checkout, store, calls } = makeCheckout();
  const order = await checkout.place(request, customer);
  assert.deepEqual(calls, [['charge', 3000]]);
  assert.equal(store.find(order.id).state, 'placed');
});

test('a failed charge gives the reservation back', async () => {
  const { checkout, calls, store } = makeCheckout({
    charge: async () => {
      throw new HttpError(402, 'CARD_DECLINED', 'declined');
    },
  });
  await assert.rejects(checkout.place(request, customer), { status: 402 });
  assert.deepEqual(calls, [['release', 'r-1']]);
  assert.equal(store.size(), 0);
});

test('cancelling refunds once, and only one’s own order', async () => {
  const { checkout, calls } = makeCheckout();
  const order = await checkout.place(request, customer);
  await assert.rejects(checkout.cancel(order.id, { userId: 'u-2' }), { status: 404 });
  await checkout.cancel(order.id, customer);
  await checkout.cancel(order.id, customer);
  assert.equal(calls.filter(([name]) => name === 'refund').length, 1);
});

test('nonsense is refused before anybody is called', async () => {
  const { checkout, calls } = makeCheckout();
  await assert.rejects(checkout.place({ ...request, quantity: 0 }, customer), { status: 400 });
  await assert.rejects(checkout.place({ ...request, quantity: 6 }, customer), { status: 422 });
  await assert.rejects(checkout.place({ ...request, sku: '' }, customer), { status: 400 });
  assert.deepEqual(calls, []);
});

test('an upstream that refuses or is silent is named in the answer', async () => {
  const refusing = { post: async () => ({ status: 500, body: { code: 'INTERNAL' } }) };
  const upstreams = createUpstreams({ user: refusing, inventory: refusing, payment: refusing });
  const error = asHttpError(await upstreams.charge({ orderId: 'N1' }).catch((e) => e));
  assert.equal(error.status, 502);
  assert.equal(error.details.upstream, 'payment-service');
  assert.equal(asHttpError(new UpstreamError('x', 'UPSTREAM_TIMEOUT', 'silence')).status, 504);
});
