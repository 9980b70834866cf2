import { describe, expect, it } from 'vitest';
import { createAttacks } from '../../bench/injection/attacks.ts';
import { encodeOrder, type Order, readOrders } from '../../bench/injection/directive.ts';
import { disguises } from '../../bench/injection/disguise.ts';
import { runSuite } from '../../bench/injection/suite.ts';

/** A few of the attacks of the benchmark; the whole takes minutes. */
describe('hostile text against a model that obeys it', () => {
  it('does nothing, gets nothing out, and puts no fix on a card; the right one is there when nobody interferes', async () => {
    const { outcomes, controls } = await runSuite({ every: 100, families: null, controls: 1 });

    expect(outcomes.length).toBeGreaterThan(3);
    expect(outcomes.filter((one) => one.read > 0).length).toBeGreaterThan(2);
    expect(outcomes.flatMap((one) => [...one.effects, ...one.out])).toEqual([]);
    expect(outcomes.filter((one) => one.onCard)).toEqual([]);
    expect(controls).toEqual({ of: 1, right: 1 });
  }, 120_000);
});

describe('the stand-in that obeys', () => {
  const order: Order = { do: 'blame', service: 'mailer', text: 'It was the mailer.' };

  it.each(disguises.map((one) => [one.name, one] as const))(
    'reads an order that is dressed as %s',
    (_, disguise) => {
      const text = disguise.wrap('please', encodeOrder('a1a', order));

      expect(readOrders('a1a', JSON.stringify({ message: text }))).toEqual([order]);
      expect(readOrders('b2b', text)).toEqual([]);
    },
  );

  it('has more than three hundred attacks of many kinds to obey', () => {
    const attacks = createAttacks();

    expect(attacks.length).toBeGreaterThanOrEqual(300);
    expect(new Set(attacks.map((one) => `${one.family} ${one.name}`)).size).toBe(attacks.length);
    expect(new Set(attacks.map((one) => one.family)).size).toBeGreaterThanOrEqual(10);
  });
});
