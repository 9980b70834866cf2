import { describe, expect, it } from 'vitest';
import { commonTraits, type Fields, sayTrait } from '../../../../src/analysis/logs/common-traits.ts';

const rows = (count: number, make: (n: number) => Fields): Fields[] =>
  Array.from({ length: count }, (_, n) => make(n));
const healthy = rows(100, (n) => ({
  tenant: `t-${n % 25}`,
  region: n % 2 === 0 ? 'eu' : 'us',
  plan: 'basic',
  order_id: n,
}));

describe('what failures have in common', () => {
  it('is the value that nearly all of them have and few others', () => {
    const failing = rows(25, (n) => ({
      tenant: n === 0 ? 't-3' : 't-7',
      region: n % 2 === 0 ? 'eu' : 'us',
      plan: 'basic',
      order_id: 900 + n,
    }));

    const traits = commonTraits(failing, healthy);

    expect(traits.map(sayTrait)).toEqual(['tenant=t-7 is in 96 % of the failures, 4 % otherwise']);
  });

  it.each([
    ['too few failures', rows(4, () => ({ tenant: 't-7' })), healthy],
    ['nothing to compare with', rows(20, () => ({ tenant: 't-7' })), healthy.slice(0, 5)],
    ['what everybody has', rows(20, () => ({ plan: 'basic' })), healthy],
    ['what only failures carry', rows(20, () => ({ upstream: 'bank' })), healthy],
    [
      'how it failed',
      rows(20, () => ({ status: 503, 'error.code': 'X', error_name: 'TypeError' })),
      rows(50, (n) => ({ status: 200 + (n % 2), 'error.code': 'none', error_name: '' })),
    ],
    ['values that are all different', rows(20, (n) => ({ order_id: `o${n}` })), healthy],
  ])('is nothing where there is %s', (_case, failing, others) => {
    expect(commonTraits(failing as Fields[], others as Fields[])).toEqual([]);
  });
});
