import { describe, expect, it } from 'vitest';
import { nameKeys } from '../../../src/remedies/flush-cache/name-keys.ts';

describe('names of keys in a room', () => {
  it('tell one from another, and hand nobody a session', () => {
    const shown = nameKeys([
      'session:4f2a9c1b-77aa-4c1e-9d2f-000011112222',
      'session:eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl',
      'sess:9Qm3xkzR7c_Lw0aTtY1uHV',
      'product:1042',
      'cart:ada@example.com:items',
    ]);

    expect(shown).toBe(
      'session:4f2a[masked], session:[masked], sess:9Qm3[masked], product:1042, cart:ada@example.com:items',
    );
  });

  it('are short and link nowhere', () => {
    expect(nameKeys(['<!channel> see https://evil.example', 'k:'.repeat(100)])).toBe(
      `&lt;!channel&gt; see https[:]//evil.example, ${'k:'.repeat(39)}k…`,
    );
  });
});
