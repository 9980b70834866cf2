/** Velocity rules: too many charges, or too much money, by one customer within the window. */
export function createFraudCheck({ settings, now = Date.now }) {
  const history = new Map();

  return {
    check({ userId, amountMinor }) {
      const { windowMs, maxCharges, maxAmountMinor } = settings();
      const since = now() - windowMs;
      const recent = (history.get(userId) ?? []).filter((entry) => entry.at > since);
      recent.push({ at: now(), amountMinor });
      history.set(userId, recent);
      if (recent.length > maxCharges) return { suspicious: true, rule: 'velocity' };
      const sum = recent.reduce((total, entry) => total + entry.amountMinor, 0);
      return sum > maxAmountMinor ? { suspicious: true, rule: 'amount' } : { suspicious: false };
    },
    forgetOld() {
      const since = now() - settings().windowMs;
      for (const [userId, entries] of history) {
        if (entries.every((entry) => entry.at <= since)) history.delete(userId);
      }
    },
    size: () => history.size,
  };
}
