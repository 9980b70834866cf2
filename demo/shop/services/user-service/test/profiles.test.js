import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProfileCache } from '../src/profile-cache.js';
import { createProfiles } from '../src/profiles.js';
import { createUsers } from '../src/users.js';

function makeProfiles() {
  const cache = createProfileCache({ settings: () => ({ ttlMs: 1000, maxEntries: 2 }), now: () => 0 });
  return { profiles: createProfiles({ users: createUsers({ population: 5 }), cache }), cache };
}

test('an address is never shown whole', () => {
  assert.equal(makeProfiles().profiles.read('u-0003').email, 'cu***@mail.example');
});

test('a changed preference is seen at once although profiles are cached', () => {
  const { profiles } = makeProfiles();
  profiles.read('u-0001');
  profiles.updatePreferences('u-0001', { language: 'sv' });
  assert.equal(profiles.read('u-0001').preferences.language, 'sv');
  assert.throws(() => profiles.updatePreferences('u-0001', { language: 'xx' }), { status: 422 });
});

test('the cache forgets the least recently used first', () => {
  const { profiles, cache } = makeProfiles();
  for (const id of ['u-0001', 'u-0002', 'u-0003']) profiles.read(id);
  assert.equal(cache.size(), 2);
  assert.equal(cache.get('u-0001'), undefined);
});
