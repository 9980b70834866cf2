import { HttpError } from './kit/errors.js';

const LANGUAGES = new Set(['en', 'de', 'nl', 'sv', 'pl', 'fr']);

/** What other services and the web shop may see of a customer. */
export function createProfiles({ users, cache }) {
  return {
    read(id) {
      const cached = cache.get(id);
      if (cached) return cached;
      const user = users.find(id);
      if (!user) throw new HttpError(404, 'UNKNOWN_USER', `no such user: ${id}`);
      const profile = presentProfile(user);
      cache.set(id, profile);
      return profile;
    },
    updatePreferences(id, changes) {
      if (changes?.language !== undefined && !LANGUAGES.has(changes.language)) {
        throw new HttpError(422, 'UNKNOWN_LANGUAGE', `language is not supported: ${changes.language}`);
      }
      const user = users.updatePreferences(id, pickPreferences(changes));
      if (!user) throw new HttpError(404, 'UNKNOWN_USER', `no such user: ${id}`);
      cache.drop(id);
      return presentProfile(user);
    },
  };
}

export function presentProfile(user) {
  const [local, domain] = user.email.split('@');
  return {
    id: user.id,
    name: user.name,
    email: `${local.slice(0, 2)}***@${domain}`,
    tier: user.tier,
    country: user.country,
    preferences: user.preferences,
  };
}

function pickPreferences(changes = {}) {
  const picked = {};
  if (changes.language !== undefined) picked.language = changes.language;
  if (changes.newsletter !== undefined) picked.newsletter = Boolean(changes.newsletter);
  return picked;
}
