/** Charges and what was refunded of them. Keeps the newest `maxEntries`; the archive has the rest. */
export function createLedger({ settings }) {
  const charges = new Map();

  return {
    record(charge) {
      charges.set(charge.id, { ...charge, refundedMinor: 0 });
      while (charges.size > settings().maxEntries) charges.delete(charges.keys().next().value);
    },
    find: (id) => charges.get(id),
    ofUser(userId, limit) {
      const own = [...charges.values()].filter((charge) => charge.userId === userId);
      return own.slice(-limit).reverse();
    },
    refundable(id) {
      const charge = charges.get(id);
      return charge ? charge.amountMinor - charge.refundedMinor : 0;
    },
    markRefunded(id, amountMinor) {
      const charge = charges.get(id);
      charge.refundedMinor += amountMinor;
      return charge;
    },
    size: () => charges.size,
  };
}
