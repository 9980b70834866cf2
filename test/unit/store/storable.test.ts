import { describe, expect, it } from 'vitest';
import { storableJson, storableText, toJsonb } from '../../../src/store/storable.ts';

describe('text for PostgreSQL', () => {
  it('loses NUL and gets whole surrogates', () => {
    expect(storableText('a\0b')).toBe('ab');
    expect(storableText('\ud83d')).toBe('\ufffd');
    expect(storableText('🔥')).toBe('🔥');
  });

  it('is mended in every value and key of JSON', () => {
    expect(storableJson({ 'k\0': ['\0', { deep: '\udfff!' }], n: 1, none: null })).toEqual({
      k: ['', { deep: '\ufffd!' }],
      n: 1,
      none: null,
    });
  });

  it('is left alone, and not even copied, where nothing is wrong', () => {
    const value = { text: 'the six characters \\u0000 are harmless', list: [1] };

    expect(storableJson(value)).toEqual(value);
    const plain = { text: 'fine' };
    expect(storableJson(plain)).toBe(plain);
  });

  it('becomes JSON text, also for lists, which drivers would take for SQL arrays', () => {
    expect(toJsonb(['a', 1])).toBe('["a",1]');
    expect(toJsonb('text')).toBe('"text"');
  });
});
