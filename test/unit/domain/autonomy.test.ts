import { describe, expect, it } from 'vitest';
import { decideOffer, type Offer, type Offered } from '../../../src/domain/autonomy.ts';
import type { RiskClass } from '../../../src/domain/plan.ts';
import type { AutonomyMode } from '../../../src/domain/service.ts';
import { aService } from '../../support/builders.ts';

function aTarget(mode: AutonomyMode, change: Parameters<typeof aService>[0] | object = {}) {
  return aService({
    name: mode,
    mode,
    autonomy: { kinds: ['restart-service', 'warm-cache'], perHour: 2, countdownSeconds: 60 },
    ...change,
  });
}

function offered(risk: RiskClass, change: Partial<Offered> = {}): Offered {
  return {
    risk: { class: risk, reasons: [] },
    tainted: false,
    requestedBy: [],
    kinds: ['restart-service'],
    reversible: true,
    doubt: null,
    ...change,
  };
}

const nothing = (reason: string): Offer => ({ kind: 'nothing', reason });
const click = (reason: string | null): Offer => ({ kind: 'click', reason });
const runs = (afterSeconds: number): Offer => ({ kind: 'self-run', afterSeconds });

describe('what becomes of a plan without a click', () => {
  it.each<[AutonomyMode, RiskClass, Offer]>([
    ['observe', 'low', nothing('observe is in observe mode.')],
    ['observe', 'high', nothing('observe is in observe mode.')],
    ['assist', 'low', click(null)],
    ['assist', 'medium', click(null)],
    ['assist', 'high', click(null)],
    ['semi-auto', 'low', runs(0)],
    ['semi-auto', 'medium', click('its risk is medium')],
    ['semi-auto', 'high', click('its risk is high')],
    ['collaborative', 'low', runs(0)],
    ['collaborative', 'medium', runs(60)],
    ['collaborative', 'high', click('its risk is high')],
  ])('in %s, of %s risk', (mode, risk, expected) => {
    expect(decideOffer(offered(risk), [aTarget(mode)])).toEqual(expected);
  });

  it.each<[string, Partial<Offered>, string]>([
    ['public text', { tainted: true }, 'it rests on text that the public can write'],
    ['no way back', { reversible: false }, 'it cannot be undone'],
    ["a person's wish", { requestedBy: ['U1'] }, 'a person asked for it'],
    ['a doubt', { doubt: 'somebody stopped a plan' }, 'somebody stopped a plan'],
    [
      'a kind that is not on the list',
      { kinds: ['restart-service', 'drop-index'] },
      "drop-index is not on the service's list of what may",
    ],
  ])('never runs by itself with %s', (_, change, reason) => {
    for (const mode of ['semi-auto', 'collaborative'] as const) {
      expect(decideOffer(offered('low', change), [aTarget(mode)])).toEqual(click(reason));
      expect(decideOffer(offered('medium', change), [aTarget(mode)])).toEqual(click(reason));
    }
  });

  it('the most careful of several services decides', () => {
    const careless = aTarget('collaborative');

    expect(decideOffer(offered('low'), [careless, aTarget('observe')])).toEqual(
      nothing('observe is in observe mode.'),
    );
    expect(decideOffer(offered('low'), [careless, aTarget('assist')])).toEqual(click(null));
    expect(decideOffer(offered('medium'), [careless, aTarget('semi-auto')])).toEqual(
      click('its risk is medium'),
    );
  });

  it('every service must have every kind on its list', () => {
    const strict = aTarget('semi-auto', { autonomy: { kinds: [], perHour: 2, countdownSeconds: 60 } });

    expect(decideOffer(offered('low'), [aTarget('semi-auto'), strict])).toEqual(
      click("restart-service is not on the service's list of what may"),
    );
  });

  it('the longest countdown of several services is waited for', () => {
    const slow = aTarget('collaborative', {
      autonomy: { kinds: ['restart-service'], perHour: 2, countdownSeconds: 300 },
    });

    expect(decideOffer(offered('medium'), [aTarget('collaborative'), slow])).toEqual(runs(300));
  });
});
