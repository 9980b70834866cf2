import { HttpError } from './kit/errors.js';

/** Answers "how many can I sell", for one article or a page of the catalogue. */
export function createAvailability({ catalog, stock, cache, settings }) {
  function sellable(sku) {
    return cache.read(sku, () => {
      const article = catalog.find(sku);
      if (!article) throw new HttpError(404, 'UNKNOWN_SKU', `no such article: ${sku}`);
      const perPart = catalog
        .pickList(article, 1)
        .map((part) => Math.floor(stock.total(part.sku) / part.quantity));
      return Math.min(...perPart);
    });
  }

  function label(count) {
    const { lowBelow } = settings();
    if (count === 0) return 'sold-out';
    return count < lowBelow ? 'low' : 'available';
  }

  return {
    one(sku) {
      const count = sellable(sku);
      return { sku, sellable: count, state: label(count) };
    },
    page({ offset, limit }) {
      return catalog.list({ offset, limit }).map((article) => ({
        sku: article.sku,
        name: article.name,
        priceMinor: article.priceMinor,
        state: label(sellable(article.sku)),
      }));
    },
  };
}
