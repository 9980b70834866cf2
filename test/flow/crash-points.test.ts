import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CrashPoint } from '../support/crash-points.ts';
import { type CrashScene, openCrashScene } from '../support/crash-scene.ts';

/**
 * A plan of two steps from its click to the end of its rollback, with a process that dies on the way: at every call that
 * leaves something behind, before and after it, and at a sample of the others. The benchmark `crash-execution` tries
 * every one.
 */
let scene: CrashScene;
let outside: readonly number[];
let inside: readonly number[];

beforeAll(async () => {
  scene = await openCrashScene();
  const numbers = scene.calls.map((_, index) => index);
  outside = numbers.filter((index) => !isInside(index));
  inside = numbers.filter((index) => isInside(index));
});
afterAll(() => scene.close());

/** A call inside a transaction: what it did goes with the process. */
function isInside(index: number): boolean {
  return scene.calls[index]?.startsWith('rows.') === true;
}

/** Calls that leave something behind; after any other the world is as before the next. */
function leavesSomething(index: number): boolean {
  return /^transaction$|\.(apply|undo|acquire|yield|release|advance)$/.test(scene.calls[index] ?? '');
}

async function expectOneEffect(...points: CrashPoint[]): Promise<void> {
  const { diedAt, ...outcome } = await scene.run(...points);

  const where = points.map(({ call, when }) => `${when} ${call} (${scene.calls[call]})`).join(', then ');
  expect({ where, ...outcome }).toEqual({
    where,
    acts: ['do 1', 'do 2', 'undo 2', 'undo 1'],
    state: 'rolled-back',
    problems: [],
  });
  expect(diedAt[0], where).not.toBeNull();
}

const every = (step: number, from: readonly number[]) => from.filter((_, index) => index % step === 0);

describe('a process that dies', () => {
  it('has a path worth dying on', () => {
    for (const call of ['restart-service.apply', 'restart-service.undo', 'restart-service.inverse']) {
      expect(scene.calls.filter((one) => one === call)).toHaveLength(2);
    }
    expect(outside.length).toBeGreaterThan(60);
    expect(inside.length).toBeGreaterThan(150);
  });

  it('before a call to the outside leaves work that is done once', async () => {
    const points = outside.filter((index, at) => leavesSomething(index) || at % 3 === 0);
    for (const call of points) await expectOneEffect({ call, when: 'before' });
  }, 120_000);

  it('after a call that left something, without hearing of it, leaves work that is done once', async () => {
    for (const call of outside.filter(leavesSomething)) await expectOneEffect({ call, when: 'after' });
  });

  it('inside a transaction leaves nothing of it', async () => {
    for (const call of every(15, inside)) await expectOneEffect({ call, when: 'before' });
  });

  it('is followed by one that dies as well, and the third ends it', async () => {
    const effects = outside.filter((index) => /\.(apply|undo)$/.test(scene.calls[index] ?? ''));
    for (const call of effects) {
      await expectOneEffect({ call, when: 'after' }, { call: 12, when: 'before' });
      await expectOneEffect({ call, when: 'before' }, { call: 20, when: 'after' });
    }
  });
});
