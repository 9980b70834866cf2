/** Articles by SKU. A bundle has no shelf of its own: it is picked from its components. */
export function createCatalog({ articles }) {
  const bySku = new Map();
  for (const article of articles()) bySku.set(article.sku, article);

  return {
    find: (sku) => bySku.get(sku),
    list: ({ offset = 0, limit = 20 } = {}) => [...bySku.values()].slice(offset, offset + limit),
    /** What has to leave the shelves for `quantity` pieces of the article. */
    pickList(article, quantity) {
      const parts = article.components ?? [{ sku: article.sku, quantity: 1 }];
      return parts.map((part) => ({ sku: part.sku, quantity: part.quantity * quantity }));
    },
  };
}
