const COUNTRIES = ['DE', 'NL', 'SE', 'PL', 'FR'];
const TIERS = ['standard', 'standard', 'standard', 'plus', 'business'];

/** The customer directory. Staging has a fixed population; production reads it from the CRM export. */
export function createUsers({ population, now = Date.now }) {
  const byId = new Map();
  for (let n = 1; n <= population; n += 1) {
    const id = `u-${String(n).padStart(4, '0')}`;
    byId.set(id, {
      id,
      name: `Customer ${n}`,
      email: `customer${n}@mail.example`,
      tier: TIERS[n % TIERS.length],
      country: COUNTRIES[n % COUNTRIES.length],
      blocked: false,
      preferences: { newsletter: n % 3 === 0, language: 'en' },
      lastSeenAt: undefined,
    });
  }

  return {
    find: (id) => byId.get(id),
    touch(id) {
      const user = byId.get(id);
      if (user) user.lastSeenAt = now();
    },
    updatePreferences(id, changes) {
      const user = byId.get(id);
      if (!user) return undefined;
      user.preferences = { ...user.preferences, ...changes };
      return user;
    },
  };
}
