/** Pieces on the shelf per warehouse and SKU. All changes go through `take` and `put`. */
export function createStock({ warehouses, articles }) {
  const shelves = new Map();
  for (const { id } of warehouses()) {
    const shelf = new Map();
    for (const article of articles()) {
      if (!article.components) shelf.set(article.sku, article.initialStock);
    }
    shelves.set(id, shelf);
  }
  const shelfOf = (warehouseId) => {
    const shelf = shelves.get(warehouseId);
    if (!shelf) throw new Error(`no such warehouse: ${warehouseId}`);
    return shelf;
  };

  return {
    level: (warehouseId, sku) => shelfOf(warehouseId).get(sku) ?? 0,
    total(sku) {
      let sum = 0;
      for (const shelf of shelves.values()) sum += shelf.get(sku) ?? 0;
      return sum;
    },
    take(warehouseId, sku, quantity) {
      const shelf = shelfOf(warehouseId);
      const left = (shelf.get(sku) ?? 0) - quantity;
      if (left < 0) throw new Error(`shelf ${warehouseId}/${sku} would go negative`);
      shelf.set(sku, left);
    },
    put(warehouseId, sku, quantity) {
      const shelf = shelfOf(warehouseId);
      shelf.set(sku, (shelf.get(sku) ?? 0) + quantity);
    },
  };
}
