import { describe, expect, it } from 'vitest';
import { readPlan } from '../../../src/slack/blocks/plan-body.ts';
import { planButtons, readButtonValue } from '../../../src/slack/blocks/plan-buttons.ts';
import { planViewOf } from './sample-views.ts';

const view = planViewOf();
const read = readPlan(view.planId, view.canonical, view.digest);
const body = read.readable ? read.body : undefined;
const value = body === undefined ? '' : (planButtons(view, body, true)[0]?.value ?? '');
const carried = { planId: view.planId, digest: view.digest, nonce: view.nonce };

/** Mulberry32: the same fuzz each time. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('the value of a button', () => {
  it('comes back as it went out, and fits Slack’s 2,000 characters', () => {
    expect(readButtonValue(value)).toEqual(carried);
    expect(value.length).toBeLessThan(2000);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a number', 7],
    ['an object', carried],
    ['an empty text', ''],
    ['no JSON', '{planId'],
    ['a list', JSON.stringify([carried])],
    ['null', 'null'],
    ['a missing nonce', JSON.stringify({ ...carried, nonce: undefined })],
    ['an empty nonce', JSON.stringify({ ...carried, nonce: '' })],
    ['a number for a nonce', JSON.stringify({ ...carried, nonce: 7 })],
    ['a field more', JSON.stringify({ ...carried, userId: 'U0BOSS' })],
    ['a digest in capitals', JSON.stringify({ ...carried, digest: carried.digest.toUpperCase() })],
    ['a digest with a line after it', JSON.stringify({ ...carried, digest: `${carried.digest}\n` })],
    ['a short digest', JSON.stringify({ ...carried, digest: carried.digest.slice(1) })],
    ['an endless id', JSON.stringify({ ...carried, planId: 'x'.repeat(101) })],
  ])('is refused when it is %s', (_name, forged) => {
    expect(readButtonValue(forged)).toBeUndefined();
  });

  it('never throws and never becomes another plan’s, whatever is changed in it', () => {
    const random = randomFrom(20_260_101);
    const pick = (below: number): number => Math.floor(random() * below);
    let changed = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const chars = value.split('');
      for (let edits = 1 + pick(4); edits > 0; edits -= 1) {
        chars.splice(
          pick(chars.length),
          pick(3),
          ...Array.from({ length: pick(3) }, () => String.fromCharCode(pick(0x300))),
        );
      }
      const forged = chars.join('');
      const got = readButtonValue(forged);
      if (got === undefined) continue;
      expect(Object.keys(got).sort()).toEqual(['digest', 'nonce', 'planId']);
      expect(got.digest).toMatch(/^[0-9a-f]{64}$/);
      if (JSON.stringify(got) !== JSON.stringify(carried)) changed += 1;
    }
    // Some changes give another well-formed value: whether it is a plan's own is for the flow to say.
    expect(changed).toBeGreaterThan(100);
  });
});
