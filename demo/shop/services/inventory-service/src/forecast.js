import { HttpError } from './kit/errors.js';

const DAY_MS = 86_400_000;

/** What is expected on the shelves, day by day and warehouse by warehouse: what buyers order by. A long answer. */
export function createForecast({ catalog, stock, warehouses, settings, now = Date.now }) {
  return function forecast(sku) {
    const article = catalog.find(sku);
    if (!article) throw new HttpError(404, 'UNKNOWN_SKU', `no such article: ${sku}`);
    const { days, soldPerDay, deliveryEveryDays, spreadPercent } = settings();
    const parts = catalog.pickList(article, 1);
    const expected = [];
    for (const { id, city } of warehouses()) {
      const level = Math.min(...parts.map((part) => Math.floor(stock.level(id, part.sku) / part.quantity)));
      for (let day = 1; day <= days; day += 1) {
        const pieces = Math.max(0, level - soldPerDay * (day % deliveryEveryDays));
        expected.push({
          date: new Date(now() + day * DAY_MS).toISOString().slice(0, 10),
          warehouse: id,
          city,
          pieces,
          atLeast: Math.floor(pieces * (1 - spreadPercent / 100)),
          atMost: Math.ceil(pieces * (1 + spreadPercent / 100)),
          incoming: day % deliveryEveryDays === 0 ? soldPerDay * deliveryEveryDays : 0,
        });
      }
    }
    return { sku, expected };
  };
}
