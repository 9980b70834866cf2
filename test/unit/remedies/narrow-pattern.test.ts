import { describe, expect, it } from 'vitest';
import { whyNotAllowed } from '../../../src/remedies/flush-cache/narrow-pattern.ts';

const allowed = ['session:*', 'cart:*:items', 'price:[0-9]*'];

describe('a key pattern that may be flushed', () => {
  it.each(['session:*', 'cart:*:items', 'price:[0-9]*', 'session:eu:*', 'session:42', 'session:{42}:a-b*'])(
    'is one of the catalogue, or one with more of its prefix: %s',
    (pattern) => {
      expect(whyNotAllowed(pattern, allowed)).toBeNull();
    },
  );

  it.each([
    ['everything', '*'],
    ['a shorter prefix', 'sess*'],
    ['the prefix without its end', 'session*'],
    ['another prefix', 'user:*'],
    ['a glob in the middle', 'session:*:x*'],
    ['a class', 'session:[a-z]*'],
    ['a question mark', 'session:?*'],
    ['an escape', 'session:\\**'],
    ['a space', 'session: x'],
    ['a newline', 'session:\nFLUSHALL'],
    ['letters that look like others', 'sеssion:*'],
    ['a narrower pattern of one with a star inside', 'cart:7:items'],
    ['a narrower pattern of one with a class', 'price:[0-9]1*'],
    ['nothing', ''],
  ])('is not %s', (_what, pattern) => {
    expect(whyNotAllowed(pattern, allowed)).toContain('the catalogue allows session:*');
  });

  it('is none when the catalogue allows none', () => {
    expect(whyNotAllowed('session:*', [])).not.toBeNull();
  });
});
