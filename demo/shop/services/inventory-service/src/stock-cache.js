/** Remembers answers about stock for a moment; a change of the shelf drops the answer. */
export function createStockCache({ settings, now = Date.now }) {
  const entries = new Map();
  const stats = { hits: 0, misses: 0 };

  return {
    read(sku, load) {
      const entry = entries.get(sku);
      if (entry && entry.until > now()) {
        stats.hits += 1;
        return entry.value;
      }
      stats.misses += 1;
      const value = load(sku);
      entries.set(sku, { value, until: now() + settings().ttlMs });
      if (entries.size > settings().maxEntries) entries.delete(entries.keys().next().value);
      return value;
    },
    drop: (sku) => entries.delete(sku),
    stats: () => ({ ...stats, size: entries.size }),
  };
}
