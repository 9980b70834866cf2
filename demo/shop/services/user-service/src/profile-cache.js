/** Least-recently-used cache with a lifetime; keeps rendered profiles off the directory. */
export function createProfileCache({ settings, now = Date.now }) {
  const entries = new Map();

  return {
    get(id) {
      const entry = entries.get(id);
      if (!entry) return undefined;
      if (now() - entry.at > settings().ttlMs) {
        entries.delete(id);
        return undefined;
      }
      entries.delete(id);
      entries.set(id, entry);
      return entry.value;
    },
    set(id, value) {
      entries.delete(id);
      entries.set(id, { value, at: now() });
      while (entries.size > settings().maxEntries) entries.delete(entries.keys().next().value);
    },
    drop: (id) => entries.delete(id),
    size: () => entries.size,
  };
}
