import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currencyOf, priceOrder } from '../src/pricing.js';
import { bestPromotion } from '../src/promotions.js';

const settings = {
  freeShippingFromMinor: 10_000,
  shippingMinor: { DE: 400, default: 900 },
  taxPercent: { DE: 19, default: 21 },
  currencies: { SE: 'SEK', default: 'EUR' },
};

test('adds shipping and tax', () => {
  const price = priceOrder({ unitPriceMinor: 1000, quantity: 2, country: 'DE', tier: 'standard' }, settings);
  assert.deepEqual(price, {
    goodsMinor: 2000,
    discountMinor: 0,
    shippingMinor: 400,
    taxMinor: 456,
    totalMinor: 2856,
  });
});

test('large orders ship free', () => {
  const price = priceOrder(
    { unitPriceMinor: 10_000, quantity: 1, country: 'NL', tier: 'standard' },
    settings,
  );
  assert.equal(price.shippingMinor, 0);
  assert.equal(price.totalMinor, 12_100);
});

test('the best promotion wins and they do not add up', () => {
  const promotions = [
    { minQuantity: 3, percent: 10, maxMinor: 50 },
    { tiers: ['plus'], percent: 5 },
  ];
  assert.equal(bestPromotion({ goodsMinor: 2000, quantity: 3, tier: 'plus' }, promotions), 100);
  assert.equal(bestPromotion({ goodsMinor: 2000, quantity: 3, tier: 'standard' }, promotions), 50);
  assert.equal(bestPromotion({ goodsMinor: 2000, quantity: 1, tier: 'standard' }, promotions), 0);
});

test('each country pays in its own currency', () => {
  assert.equal(currencyOf('SE', settings), 'SEK');
  assert.equal(currencyOf('XX', settings), 'EUR');
});
