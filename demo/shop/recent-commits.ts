import type { PlannedEdit } from './history/planned-commit.ts';
import type { PersonId } from './people.ts';
import type { ShopServiceName } from './repositories.ts';

/** A harmless change on its way out together with whatever else is released. Its edits go forward in time. */
export interface RecentCommit {
  author: PersonId;
  message: string;
  edits: readonly PlannedEdit[];
}

/**
 * Unrelated work of the last hours, in the order in which it is committed: some of it restarts a service,
 * some reloads one, some touches neither.
 */
export const recentCommits: Record<ShopServiceName, readonly RecentCommit[]> = {
  'order-service': [
    {
      author: 'tomasz',
      message: 'Ship a little cheaper to the rest of Europe',
      edits: [
        {
          path: 'config/pricing.json',
          before: '"FR": 790, "default": 990',
          after: '"FR": 790, "default": 950',
        },
      ],
    },
    {
      author: 'priya',
      message: 'Promotions: business customers get 6 % in December',
      edits: [
        {
          path: 'config/promotions.json',
          before: '"tiers": ["plus", "business"], "percent": 5',
          after: '"tiers": ["plus", "business"], "percent": 6',
        },
      ],
    },
    {
      author: 'maya',
      message: 'Test that swapped letters of an order number are noticed',
      edits: [
        {
          path: 'test/order-store.test.js',
          before: "test('an order number ends with its check letter'",
          after:
            "test('two swapped letters change the check letter', () => {\n  assert.notEqual(checkLetter('23456789'), checkLetter('32456789'));\n});\n\ntest('an order number ends with its check letter'",
        },
      ],
    },
    {
      author: 'hannah',
      message: 'README: where to ask',
      edits: [
        {
          path: 'README.md',
          before: 'Settings are in `config/`',
          after: 'Questions: `#team-checkout`. Settings are in `config/`',
        },
      ],
    },
  ],
  'user-service': [
    {
      author: 'priya',
      message: 'Allow shared office addresses a few more logins',
      edits: [{ path: 'config/logins.json', before: '"maxLogins": 20', after: '"maxLogins": 25' }],
    },
    {
      author: 'maya',
      message: 'Test that a customer’s language survives a newsletter change',
      edits: [
        {
          path: 'test/profiles.test.js',
          before: "test('the cache forgets the least recently used first'",
          after:
            "test('changing one preference leaves the others', () => {\n  const { profiles } = makeProfiles();\n  profiles.updatePreferences('u-0002', { language: 'de' });\n  const changed = profiles.updatePreferences('u-0002', { newsletter: true });\n  assert.deepEqual(changed.preferences, { newsletter: true, language: 'de' });\n});\n\ntest('the cache forgets the least recently used first'",
        },
      ],
    },
    {
      author: 'priya',
      message: 'Profiles may be a little older: cache for 8 s (was 5)',
      edits: [{ path: 'config/profile-cache.json', before: '"ttlMs": 5000', after: '"ttlMs": 8000' }],
    },
    {
      author: 'hannah',
      message: 'README: where to ask',
      edits: [
        {
          path: 'README.md',
          before: 'Settings are in `config/`',
          after: 'Questions: `#team-accounts`. Settings are in `config/`',
        },
      ],
    },
  ],
  'payment-service': [
    {
      author: 'diego',
      message: 'Log the fee with a captured charge',
      edits: [
        {
          path: 'src/charges.js',
          before: "log.info('charge captured', { order_id: orderId, amount_minor: amountMinor, currency });",
          after:
            "log.info('charge captured', { order_id: orderId, amount_minor: amountMinor, fee_minor: feeMinor, currency });",
        },
      ],
    },
    {
      author: 'hannah',
      message: 'Offer Bancontact in Belgium',
      edits: [
        {
          path: 'config/methods.json',
          before: '"NL": ["ideal"],',
          after: '"NL": ["ideal"],\n    "BE": ["bancontact"],',
        },
      ],
    },
    {
      author: 'kenji',
      message: 'Fees: say where the numbers come from',
      edits: [
        {
          path: 'src/fees.js',
          before: 'a share in basis points and a fixed part. */',
          after:
            'a share in basis points and a fixed part.\n * The table follows annex 2 of the acquirer contract. */',
        },
      ],
    },
    {
      author: 'diego',
      message: 'README: where to ask',
      edits: [
        {
          path: 'README.md',
          before: 'Settings are in `config/`',
          after: 'Questions: `#team-payments`. Settings are in `config/`',
        },
      ],
    },
  ],
  'inventory-service': [
    {
      author: 'tomasz',
      message: 'Reorder a little earlier before the holidays',
      edits: [{ path: 'config/restock.json', before: '"reorderPoint": 150', after: '"reorderPoint": 170' }],
    },
    {
      author: 'kenji',
      message: 'Name the default page size',
      edits: [
        {
          path: 'src/routes.js',
          before: 'const PAGE = { limit: 12, max: 50 };',
          after:
            '/** Articles on a catalogue page when the caller names no number, and at most. */\nconst PAGE = { limit: 12, max: 50 };',
        },
      ],
    },
    {
      author: 'priya',
      message: 'Cache stock answers for 1.5 s (was 2)',
      edits: [{ path: 'config/cache.json', before: '"ttlMs": 2000', after: '"ttlMs": 1500' }],
    },
    {
      author: 'hannah',
      message: 'README: where to ask',
      edits: [
        {
          path: 'README.md',
          before: 'Settings are in `config/`',
          after: 'Questions: `#team-supply`. Settings are in `config/`',
        },
      ],
    },
  ],
};
