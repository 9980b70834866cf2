import { describe, expect, it } from 'vitest';
import { type RemedyKind, type RiskClass, remedyKinds, riskClasses } from '../../../src/domain/plan.ts';
import {
  assessAgain,
  assessRisk,
  type Circumstances,
  isAtMost,
  type RiskPolicy,
} from '../../../src/domain/risk.ts';

const noRules: RiskPolicy = { quietHours: null, atLeast: [] };
const noon = new Date('2026-06-01T12:00:00Z');

type Step = Circumstances['steps'][number];

function aStep(
  base: RiskClass = 'low',
  change: Partial<Step['facts']> & Partial<Omit<Step, 'facts'>> = {},
): Step {
  const { kind = 'warm-cache', service = 'ledger', ...facts } = change;
  return { kind, service, facts: { base, reasons: [`it is ${base}`], reversible: 'exact', ...facts } };
}

function circumstances(steps: Step[], change: Partial<Circumstances> = {}): Circumstances {
  return { steps, tainted: false, at: noon, ...change };
}

describe('the risk of a plan', () => {
  it('is what its remedy says on a quiet day, with the reasons', () => {
    for (const base of riskClasses) {
      expect(assessRisk(circumstances([aStep(base)]), noRules)).toEqual({
        class: base,
        reasons: [`it is ${base}`],
      });
    }
  });

  it.each<[string, Circumstances, RiskPolicy, RiskClass, string]>([
    [
      'the riskiest step decides',
      circumstances([aStep('low'), aStep('high', { reasons: ['drops it'] })]),
      noRules,
      'high',
      'drops it',
    ],
    [
      'a way back that loses something',
      circumstances([aStep('low', { reversible: 'partial' })]),
      noRules,
      'medium',
      'can be undone only in part',
    ],
    [
      'no way back',
      circumstances([aStep('low', { reversible: 'none' })]),
      noRules,
      'high',
      'cannot be undone',
    ],
    [
      'several services',
      circumstances([aStep(), aStep('low', { service: 'mailer' })]),
      noRules,
      'medium',
      'acts on 2 services',
    ],
    [
      'public text',
      circumstances([aStep()], { tainted: true }),
      noRules,
      'medium',
      'rests on text that the public can write',
    ],
    [
      'a rule for its kind',
      circumstances([aStep()]),
      { ...noRules, atLeast: [{ kind: 'warm-cache', class: 'high', because: 'we say so' }] },
      'high',
      'we say so',
    ],
    [
      'a rule for its service',
      circumstances([aStep()]),
      { ...noRules, atLeast: [{ service: 'ledger', class: 'medium', because: 'money' }] },
      'medium',
      'money',
    ],
    [
      'a rule for everything',
      circumstances([aStep()]),
      { ...noRules, atLeast: [{ class: 'medium', because: 'freeze' }] },
      'medium',
      'freeze',
    ],
  ])('is raised by %s', (_, given, policy, expected, because) => {
    const risk = assessRisk(given, policy);

    expect(risk.class).toBe(expected);
    expect(risk.reasons).toContain(because);
  });

  it('is not touched by a rule for another kind or service', () => {
    const atLeast = [
      { kind: 'drop-index', class: 'high', because: 'other kind' },
      { service: 'mailer', class: 'high', because: 'other service' },
      { kind: 'warm-cache', service: 'mailer', class: 'high', because: 'kind alone fits' },
    ] as const;

    expect(assessRisk(circumstances([aStep()]), { ...noRules, atLeast }).class).toBe('low');
  });

  it('is never lowered by a rule', () => {
    const atLeast = [{ class: 'low', because: 'trust us' }] as const;

    expect(assessRisk(circumstances([aStep('high')]), { ...noRules, atLeast }).class).toBe('high');
  });

  it('says each reason once', () => {
    const { reasons } = assessRisk(
      circumstances([aStep('low', { reversible: 'none' }), aStep('low', { reversible: 'none' })]),
      noRules,
    );

    expect(reasons).toEqual(['it is low', 'cannot be undone']);
  });
});

describe('quiet hours', () => {
  const classAt = (iso: string, from: string, to: string, timeZone = 'UTC', base: RiskClass = 'low') =>
    assessRisk(circumstances([aStep(base)], { at: new Date(iso) }), {
      ...noRules,
      quietHours: { from, to, timeZone },
    }).class;

  it('make everything one class higher, whatever it came to', () => {
    const night = '2026-06-01T23:00:00Z';

    expect(riskClasses.map((base) => classAt(night, '22:00', '06:00', 'UTC', base))).toEqual([
      'medium',
      'high',
      'high',
    ]);
  });

  it('lift what the rules before them came to', () => {
    const risk = assessRisk(
      circumstances([aStep()], { tainted: true, at: new Date('2026-06-01T23:00:00Z') }),
      {
        quietHours: { from: '22:00', to: '06:00', timeZone: 'UTC' },
        atLeast: [],
      },
    );

    expect(risk.class).toBe('high');
    expect(risk.reasons.at(-1)).toBe('in the quiet hours (22:00–06:00 UTC)');
  });

  it.each([
    ['2026-06-01T21:59:59Z', 'low'],
    ['2026-06-01T22:00:00Z', 'medium'],
    ['2026-06-01T23:59:59Z', 'medium'],
    ['2026-06-02T00:00:00Z', 'medium'],
    ['2026-06-02T05:59:59Z', 'medium'],
    ['2026-06-02T06:00:00Z', 'low'],
    ['2026-06-02T12:00:00Z', 'low'],
  ])('over midnight: at %s %s', (at, expected) => {
    expect(classAt(at, '22:00', '06:00')).toBe(expected);
  });

  it.each([
    ['2026-06-01T11:59:59Z', 'low'],
    ['2026-06-01T12:00:00Z', 'medium'],
    ['2026-06-01T13:00:00Z', 'low'],
  ])('within a day: at %s %s', (at, expected) => {
    expect(classAt(at, '12:00', '13:00')).toBe(expected);
  });

  it('are hours of their own time zone, in summer and in winter', () => {
    const berlin = (iso: string) => classAt(iso, '22:00', '06:00', 'Europe/Berlin');

    expect([berlin('2026-07-01T19:59:00Z'), berlin('2026-07-01T20:00:00Z')]).toEqual(['low', 'medium']);
    expect([berlin('2026-01-01T20:59:00Z'), berlin('2026-01-01T21:00:00Z')]).toEqual(['low', 'medium']);
    expect(classAt('2026-01-01T16:30:00Z', '22:00', '06:00', 'Asia/Kolkata')).toBe('medium');
  });

  it('last an hour less in the night that loses one, an hour more in the night that has one twice', () => {
    const quietHalfHours = (from: string): number => {
      const start = Date.parse(from);
      const moments = Array.from({ length: 48 }, (_, n) => new Date(start + n * 30 * 60_000).toISOString());
      return moments.filter((at) => classAt(at, '22:00', '06:00', 'Europe/Berlin') === 'medium').length;
    };

    expect(quietHalfHours('2026-03-28T12:00:00Z')).toBe(2 * 7);
    expect(quietHalfHours('2026-10-24T12:00:00Z')).toBe(2 * 9);
    expect(quietHalfHours('2026-06-01T12:00:00Z')).toBe(2 * 8);
  });
});

describe('whatever the circumstances', () => {
  /** The same numbers in every run: a failure can be looked at. */
  function dice(seed: number): (sides: number) => number {
    let state = seed;
    return (sides) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * sides);
    };
  }
  const reversibles = ['exact', 'partial', 'none'] as const;
  const services = ['ledger', 'mailer', 'shopfront'];

  function pick<T>(from: readonly T[], roll: (sides: number) => number): T {
    return from[roll(from.length)] as T;
  }

  function randomStep(roll: (sides: number) => number): Step {
    return {
      kind: pick<RemedyKind>(remedyKinds, roll),
      service: pick(services, roll),
      facts: { base: pick(riskClasses, roll), reasons: ['r'], reversible: pick(reversibles, roll) },
    };
  }

  function randomCase(roll: (sides: number) => number): { given: Circumstances; policy: RiskPolicy } {
    const steps = Array.from({ length: 1 + roll(3) }, () => randomStep(roll));
    const at = new Date(Date.parse('2026-01-01T00:00:00Z') + roll(365 * 24 * 60) * 60_000);
    return {
      given: { steps, tainted: roll(2) === 1, at },
      policy: {
        quietHours: roll(2) === 1 ? null : { from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' },
        atLeast: Array.from({ length: roll(3) }, () => randomRule(roll)),
      },
    };
  }

  function randomRule(roll: (sides: number) => number): RiskPolicy['atLeast'][number] {
    return {
      ...(roll(2) === 1 ? { kind: pick<RemedyKind>(remedyKinds, roll) } : {}),
      ...(roll(2) === 1 ? { service: pick(services, roll) } : {}),
      class: pick(riskClasses, roll),
      because: 'rule',
    };
  }

  const cases = Array.from({ length: 400 }, (_, n) => ({ roll: dice(n + 1), ...randomCase(dice(n + 1)) }));

  it('it is at least what each step says of itself', () => {
    for (const { given, policy } of cases) {
      const { class: risk } = assessRisk(given, policy);
      for (const { facts } of given.steps) expect(isAtMost(facts.base, risk)).toBe(true);
    }
  });

  it.each<[string, (one: (typeof cases)[number]) => { given: Circumstances; policy: RiskPolicy }]>([
    [
      'another step',
      ({ given, policy, roll }) => ({
        given: { ...given, steps: [...given.steps, randomStep(roll)] },
        policy,
      }),
    ],
    ['public text', ({ given, policy }) => ({ given: { ...given, tainted: true }, policy })],
    [
      'a worse way back',
      ({ given, policy }) => ({
        given: {
          ...given,
          steps: given.steps.map((step) => ({
            ...step,
            facts: { ...step.facts, reversible: step.facts.reversible === 'exact' ? 'partial' : 'none' },
          })),
        },
        policy,
      }),
    ],
    [
      'another rule',
      ({ given, policy, roll }) => ({
        given,
        policy: { ...policy, atLeast: [...policy.atLeast, randomRule(roll)] },
      }),
    ],
    [
      'quiet hours all day',
      ({ given, policy }) => ({
        given,
        policy: { ...policy, quietHours: { from: '00:00', to: '23:59', timeZone: 'UTC' } },
      }),
    ],
  ])('%s never lowers it', (_, worsen) => {
    for (const one of cases) {
      // One minute of the day is not quiet in the last case; such hours say nothing here.
      if (one.given.at.toISOString().slice(11, 16) === '23:59') continue;
      const before = assessRisk(one.given, one.policy);
      const changed = worsen(one);
      const after = assessRisk(changed.given, changed.policy);
      expect(isAtMost(before.class, after.class)).toBe(true);
      expect(after.reasons.length).toBeGreaterThan(0);
    }
  });
});

describe('the risk of a plan that was announced before', () => {
  const night = { from: '22:00', to: '06:00', timeZone: 'UTC' };
  const evening = new Date('2026-06-01T21:59:30Z');
  const late = new Date('2026-06-01T22:00:30Z');
  const remedies = [{ kind: 'warm-cache' as const, service: 'ledger' }] as never;
  const body = { remedies, risk: { class: 'medium' as const, reasons: ['it is medium'] }, tainted: false };
  const weigh = (madeAt: Date, at: Date, policy: RiskPolicy) =>
    assessAgain(body, { madeAt, at }, policy).class;

  it('stays what it was while nothing changed', () => {
    expect(assessAgain(body, { madeAt: noon, at: noon }, noRules)).toEqual(body.risk);
  });

  it('rises when its hour has become quiet since, and once only', () => {
    const policy = { ...noRules, quietHours: night };
    expect(weigh(evening, evening, policy)).toBe('medium');
    expect(weigh(evening, late, policy)).toBe('high');
    expect(weigh(late, late, policy)).toBe('medium');
  });

  it('rises by rules that operators made since, and is not lowered by any', () => {
    const rule = (kind: RemedyKind, least: RiskClass) => ({ kind, class: least, because: 'a freeze' });
    expect(weigh(noon, noon, { ...noRules, atLeast: [rule('warm-cache', 'high')] })).toBe('high');
    expect(weigh(noon, noon, { ...noRules, atLeast: [rule('warm-cache', 'low')] })).toBe('medium');
    expect(weigh(noon, noon, { ...noRules, atLeast: [rule('drop-index', 'high')] })).toBe('medium');
  });
});
