import { bestPromotion } from './promotions.js';

/** What an order costs, in minor units. Amounts in other currencies are converted at the end. */
export function priceOrder({ unitPriceMinor, quantity, country, tier, promotions = [] }, settings) {
  const goodsMinor = unitPriceMinor * quantity;
  const discountMinor = bestPromotion({ goodsMinor, quantity, tier }, promotions);
  const net = goodsMinor - discountMinor;
  const shippingMinor = net >= settings.freeShippingFromMinor ? 0 : shippingFor(country, settings);
  const taxMinor = Math.round(((net + shippingMinor) * taxRate(country, settings)) / 100);
  const totalMinor = net + shippingMinor + taxMinor;
  return { goodsMinor, discountMinor, shippingMinor, taxMinor, totalMinor };
}

export function taxRate(country, { taxPercent }) {
  return taxPercent[country] ?? taxPercent.default;
}

export function currencyOf(country, { currencies }) {
  return currencies[country] ?? currencies.default;
}

function shippingFor(country, { shippingMinor }) {
  return shippingMinor[country] ?? shippingMinor.default;
}
