import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/plan.ts';
import { SourceUnreachable } from '../../src/platform/errors.ts';
import { nobodyKnows, openWarRoom, steps, type WarRoom } from '../support/war-room.ts';

let room: WarRoom;
beforeEach(async () => {
  room = await openWarRoom({ investigator: nobodyKnows });
  await room.raise();
});
afterEach(() => room.close());

/** A plan of these steps, approved and not yet run. */
async function approved(...names: string[]): Promise<Plan> {
  const plan = await room.proposed('U-KIM', steps(...names));
  expect(await room.click(plan, 'U-APPROVER')).toMatchObject({ accepted: true });
  return plan;
}

/** What a step's effect does to the world, by its name. */
function when(name: string, effect: () => void | Promise<void>): void {
  room.remedy.onApply = async () => {
    if (room.remedy.acts.at(-1) === `do ${name}`) await effect();
  };
}

const stepStates = async (plan: Plan) => (await room.execution(plan)).steps.map(({ state }) => state);

describe('a plan of several steps', () => {
  it('does them in order, each with its inverse stored before it, and is verified as one', async () => {
    const plan = await approved('one', 'two', 'three');
    const inversesAtEffect: unknown[] = [];
    room.remedy.onApply = async () => {
      const { steps: now } = await room.execution(plan);
      inversesAtEffect.push(now.map(({ state, inverse }) => (state === 'intent' ? inverse : state)));
      if (room.remedy.applied === 3) room.fixture.metrics.set(0.01);
    };

    await room.work();

    expect(room.remedy.acts).toEqual(['do one', 'do two', 'do three']);
    expect(inversesAtEffect).toEqual([
      [{ undoes: 'one' }, 'waiting', 'waiting'],
      ['applied', { undoes: 'two' }, 'waiting'],
      ['applied', 'applied', { undoes: 'three' }],
    ]);
    expect(await room.state(plan)).toBe('verified');
    expect(await room.told(plan)).toEqual([
      'plan.offered',
      'plan.shown',
      'plan.approved',
      'execution.started',
      'execution.step',
      'execution.step',
      'execution.step',
      'execution.applied',
      'verification.passed',
    ]);
  });

  it('is undone from the last to the first when it did not help', async () => {
    const plan = await approved('one', 'two', 'three');

    await room.work();

    expect(room.remedy.acts.slice(3)).toEqual(['undo three', 'undo two', 'undo one']);
    expect(await room.state(plan)).toBe('rolled-back');
    expect(await stepStates(plan)).toEqual(['undone', 'undone', 'undone']);
  });

  it('stops at the step that cannot be had, and takes back the ones before it', async () => {
    const plan = await approved('one', 'two', 'three', 'four');
    when('two', () => {
      room.remedy.base = 'd'.repeat(40);
    });

    await room.work();

    expect(room.remedy.acts).toEqual(['do one', 'do two', 'undo two', 'undo one']);
    expect(await room.state(plan)).toBe('rolled-back');
    expect(await stepStates(plan)).toEqual(['undone', 'undone', 'waiting', 'waiting']);
    const failed = (await room.timeline(plan)).find(({ kind }) => kind === 'execution.failed');
    expect(failed?.text).toContain('step 3 of 4: the base moved.');
    expect(await room.incident(plan)).toMatchObject({ stage: 'approval', status: 'investigating' });
  });

  it('is void when not even its first step can be had', async () => {
    const plan = await approved('one', 'two');
    room.remedy.base = 'd'.repeat(40);

    await room.work();

    expect(room.remedy.acts).toEqual([]);
    expect(await room.state(plan)).toBe('void');
  });

  it('leaves it to people when what a step did is not known, and they take the rest back', async () => {
    const plan = await approved('one', 'two', 'three');
    room.remedy.broken.set('two', new Error('segmentation fault'));

    await room.work();

    expect(room.remedy.acts).toEqual(['do one']);
    expect(await room.state(plan)).toBe('failed');
    expect(await stepStates(plan)).toEqual(['applied', 'failed', 'waiting']);
    expect(await room.execution(plan)).toMatchObject({
      error: expect.stringContaining('step 2 of 3: segmentation fault'),
    });
    expect((await room.card(plan)).undoable).toBe(true);

    expect(await room.undo(plan, 'U-APPROVER')).toMatchObject({ accepted: true });
    await room.work();
    expect(room.remedy.acts).toEqual(['do one', 'undo one']);
    expect(await room.state(plan)).toBe('rolled-back');
    expect((await room.card(plan)).undoable).toBe(false);
  });

  it('tries a step again whose reply got lost, and asks people once that has gone on for too long', async () => {
    const plan = await approved('one', 'two');
    room.remedy.broken.set('two', new SourceUnreachable('GitHub does not answer.', 'Wait.'));

    await expect(room.run('execution', plan)).rejects.toMatchObject({ retryable: true });
    expect(await stepStates(plan)).toEqual(['applied', 'intent']);
    room.clock.pass({ minutes: 6 });
    await room.restart();

    expect(await room.state(plan)).toBe('failed');
    expect(room.remedy.acts).toEqual(['do one']);
    expect((await room.execution(plan)).error).toContain('interrupted after 1 of 2 steps');
    expect((await room.card(plan)).undoable).toBe(true);
  });

  it('refuses two steps on one target: the second would be stale', async () => {
    const answer = await room.propose(await room.newest(), 'U-KIM', steps('one', 'two', 'one'));

    expect(answer).toMatchObject({
      accepted: false,
      reason: expect.stringContaining('two of its steps act on switch ledger one'),
    });
  });

  it('stops undoing where it cannot go on, names what stands, and goes on when a person asks again', async () => {
    const plan = await approved('one', 'two', 'three');
    room.remedy.broken.set('undo two', new Error('somebody else changed it since.'));

    await room.work();

    expect(room.remedy.acts.slice(3)).toEqual(['undo three']);
    expect(await room.state(plan)).toBe('failed');
    expect(await stepStates(plan)).toEqual(['applied', 'failed', 'undone']);
    expect((await room.execution(plan)).error).toBe('step 2: somebody else changed it since.');
    expect((await room.told(plan)).at(-1)).toBe('rollback.failed');
    expect((await room.card(plan)).undoable).toBe(true);

    room.remedy.broken.clear();
    expect(await room.undo(plan, 'U-APPROVER')).toMatchObject({ accepted: true });
    await room.work();
    expect(room.remedy.acts.slice(3)).toEqual(['undo three', 'undo two', 'undo one']);
    expect(await room.state(plan)).toBe('rolled-back');
    expect((await room.execution(plan)).error).toBeNull();
  });

  it('acts once a step, although every reply gets lost on the way there and back', async () => {
    const plan = await approved('one', 'two', 'three');
    const undone = new Set<string>();
    room.alter((remedy) => ({
      async undo(service, inverse, receipt, context, signal) {
        const done = await remedy.undo(service, inverse, receipt, context, signal);
        if (undone.has(context.key)) return done;
        undone.add(context.key);
        throw new SourceUnreachable('The reply was lost.', 'Try again.');
      },
    }));
    room.remedy.onApply = () => {
      room.remedy.loseReply = true;
    };

    for (let tries = 0; tries < 20 && (await room.state(plan)) !== 'rolled-back'; tries += 1) {
      await room.restart().catch(() => undefined);
    }

    expect(room.remedy.acts).toEqual(['do one', 'do two', 'do three', 'undo three', 'undo two', 'undo one']);
    expect(await room.state(plan)).toBe('rolled-back');
  });
});
