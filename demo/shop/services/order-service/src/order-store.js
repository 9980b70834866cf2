/** Orders by id and by customer. Holds the newest `maxOrders`; older ones live in the warehouse. */
export function createOrderStore({ settings }) {
  const byId = new Map();
  const idsByUser = new Map();

  function forget(order) {
    byId.delete(order.id);
    const ids = idsByUser.get(order.userId);
    ids.delete(order.id);
    if (ids.size === 0) idsByUser.delete(order.userId);
  }

  return {
    save(order) {
      byId.set(order.id, order);
      const ids = idsByUser.get(order.userId) ?? new Set();
      ids.add(order.id);
      idsByUser.set(order.userId, ids);
      while (byId.size > settings().maxOrders) forget(byId.values().next().value);
    },
    find: (id) => byId.get(id),
    ofUser(userId, limit) {
      const ids = [...(idsByUser.get(userId) ?? [])].slice(-limit);
      return ids.reverse().map((id) => byId.get(id));
    },
    size: () => byId.size,
  };
}
