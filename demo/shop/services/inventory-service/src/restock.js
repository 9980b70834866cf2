/** Deliveries: tops up every shelf that fell under its reorder point. */
export function restock({ articles, warehouses, stock, cache, settings }) {
  const { reorderPoint, deliverySize } = settings();
  let deliveries = 0;
  for (const article of articles) {
    if (article.components) continue;
    for (const { id } of warehouses) {
      if (stock.level(id, article.sku) >= reorderPoint) continue;
      stock.put(id, article.sku, deliverySize);
      cache.drop(article.sku);
      deliveries += 1;
    }
  }
  return deliveries;
}
