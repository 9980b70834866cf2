import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/domain/plan.ts';
import { haltExecution, liftHalt } from '../../src/flow/index.ts';
import { openRecord } from '../../src/store/open-record.ts';
import { auditKey } from '../support/audit-key.ts';
import { until } from '../support/server-process.ts';
import { hang, nobodyKnows, openWarRoom, steps, type WarRoom } from '../support/war-room.ts';

let room: WarRoom;
let plan: Plan;
beforeEach(async () => {
  room = await openWarRoom({ investigator: nobodyKnows, policy: { haltLifters: ['U-SRE'] } });
  await room.raise();
  plan = await room.proposed('U-KIM', steps('one', 'two'));
});
afterEach(() => room.close());

const halt = (userId = 'U-EVE') => haltExecution(room.flow, { userId, reason: 'something is odd' });
const lift = (userId = 'U-SRE') => liftHalt(room.flow, { userId, reason: 'nothing was' });
const helps = () => {
  room.remedy.onApply = () => {
    if (room.remedy.applied === 2) room.fixture.metrics.set(0.01);
  };
};

describe('a halt', () => {
  it('keeps plans from being approved, and lets them be rejected', async () => {
    await halt();

    expect(await room.click(plan, 'U-APPROVER')).toMatchObject({ refusal: 'halted' });
    expect((await room.card(plan)).halted).toEqual({ by: 'U-EVE', reason: 'something is odd' });
    expect(await room.click(plan, 'U-APPROVER', 'reject', 'indeed')).toMatchObject({ accepted: true });
  });

  it('holds what was approved before it ran, which goes on after the lift without being asked again', async () => {
    await room.click(plan, 'U-APPROVER');
    await halt();
    helps();

    await room.work();
    await room.restart();
    expect(await room.state(plan)).toBe('approved');
    expect(room.remedy.acts).toEqual([]);

    expect(await lift()).toMatchObject({ accepted: true });
    await room.work();
    expect(await room.state(plan)).toBe('verified');
    expect(room.remedy.acts).toEqual(['do one', 'do two']);
  });

  it('outlives an approval: what waited too long is not run after the lift', async () => {
    await room.click(plan, 'U-APPROVER');
    await halt();
    room.clock.pass({ minutes: 6 });
    await lift();

    await room.restart();

    expect(await room.state(plan)).toBe('void');
    expect(room.remedy.acts).toEqual([]);
    expect((await room.timeline(plan)).at(-1)?.text).toContain('too old');
  });

  it('between two steps stops before the second, which follows once, after the lift', async () => {
    await room.click(plan, 'U-APPROVER');
    room.remedy.onApply = async () => {
      if (room.remedy.applied === 1) await halt();
      else room.fixture.metrics.set(0.01);
    };

    await room.work();
    await room.restart();
    expect(room.remedy.acts).toEqual(['do one']);
    expect(await room.state(plan)).toBe('executing');
    expect((await room.execution(plan)).steps.map(({ state }) => state)).toEqual(['applied', 'waiting']);

    await lift();
    await room.work();
    expect(room.remedy.acts).toEqual(['do one', 'do two']);
    expect(await room.state(plan)).toBe('verified');
  });

  it('stops an effect that is under way within two seconds, which is looked up after the lift', async () => {
    await room.click(plan, 'U-APPROVER');
    let hangs = true;
    let began = false;
    room.alter((remedy) => ({
      async apply(service, planned, context, signal) {
        began = true;
        if (hangs) await hang(signal);
        return remedy.apply(service, planned, context, signal);
      },
    }));
    helps();
    const running = room.run('execution', plan);
    await until('the effect', () => began);

    const startMs = performance.now();
    await halt();
    await running;

    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(await room.state(plan)).toBe('executing');
    expect((await room.execution(plan)).steps[0]).toMatchObject({
      state: 'intent',
      inverse: { undoes: 'one' },
    });
    hangs = false;
    await lift();
    await room.work();
    expect(room.remedy.acts).toEqual(['do one', 'do two']);
    expect(await room.state(plan)).toBe('verified');
  });

  it('stops a rollback too, and the rest is taken back after the lift', async () => {
    await room.click(plan, 'U-APPROVER');
    let halted = false;
    room.alter((remedy) => ({
      async undo(service, inverse, receipt, context, signal) {
        if (!halted && room.remedy.undone === 1) {
          halted = true;
          await halt();
          await hang(signal);
        }
        return remedy.undo(service, inverse, receipt, context, signal);
      },
    }));

    await room.work();
    await room.restart();
    expect(room.remedy.acts).toEqual(['do one', 'do two', 'undo two']);
    expect(await room.state(plan)).toBe('undoing');

    await lift();
    await room.work();
    expect(room.remedy.acts.at(-1)).toBe('undo one');
    expect(await room.state(plan)).toBe('rolled-back');
  });

  it('keeps people from undoing by hand', async () => {
    helps();
    await room.click(plan, 'U-APPROVER');
    await room.work();
    await halt();

    expect(await room.undo(plan, 'U-APPROVER')).toMatchObject({ refusal: 'halted' });
    await lift();
    expect(await room.undo(plan, 'U-APPROVER')).toMatchObject({ accepted: true });
  });

  it('is in force for every process, and after a restart', async () => {
    await room.click(plan, 'U-APPROVER');
    await halt();
    const { databaseUrl } = room.fixture;
    const other = await openRecord({ databaseUrl, dataDir: null, auditKey, clock: room.clock });
    const { flow } = room;
    try {
      room.flow = { ...flow, record: other.record };
      await room.restart();
      expect(await room.state(plan)).toBe('approved');
      expect(room.remedy.acts).toEqual([]);
    } finally {
      room.flow = flow;
      await other.close();
    }
  });
});

describe('who halts and who lifts', () => {
  it('is every member, and people who are named for it', async () => {
    room.fixture.people.set('U-GUEST', { id: 'U-GUEST', name: 'Gus', kind: 'guest' });
    room.fixture.people.set('U-GONE', { id: 'U-GONE', name: 'Pat', kind: 'deactivated' });

    expect(await halt('U-GUEST')).toMatchObject({ refusal: 'not-a-member' });
    expect(await halt('U-EVE')).toMatchObject({ accepted: true });
    for (const id of ['U-EVE', 'U-APPROVER', 'U-KIM']) {
      expect(await lift(id)).toMatchObject({
        accepted: false,
        reason: expect.stringContaining('haltLifters'),
      });
    }
    room.flow = { ...room.flow, policy: { ...room.flow.policy, haltLifters: ['U-SRE', 'U-GONE'] } };
    expect(await lift('U-GONE')).toMatchObject({ refusal: 'not-a-member' });
    expect(await lift('U-SRE')).toMatchObject({ accepted: true });
    expect(await lift('U-SRE')).toMatchObject({ accepted: false });
  });

  it('is anybody for the halt and nobody for the lift while the directory is down', async () => {
    room.flow = { ...room.flow, directory: null };

    expect(await halt()).toMatchObject({ accepted: true });
    expect(await lift()).toMatchObject({ refusal: 'directory-unavailable' });
    expect(await room.record.halts.active()).toMatchObject({ by: 'U-EVE' });
  });

  it('is nobody for the lift where nobody is named', async () => {
    room.flow = { ...room.flow, policy: { ...room.flow.policy, haltLifters: [] } };
    await halt();

    expect(await lift()).toMatchObject({ reason: expect.stringContaining('haltLifters') });
  });

  it('is told in every room with something to execute, once, and kept in the stream of the system', async () => {
    const answers = await Promise.all(['U-A', 'U-B', 'U-C', 'U-D'].map((id) => halt(id)));
    await lift();
    await halt('U-E');

    expect(answers.every((answer) => answer.accepted)).toBe(true);
    expect(await room.notices(plan, 'notice:halt-raised:')).toHaveLength(2);
    expect(await room.notices(plan, 'notice:halt-lifted:')).toHaveLength(1);
    const told = await room.record.timeline.ofIncident('system');
    expect(told.map(({ kind }) => kind)).toEqual(['halt.raised', 'halt.lifted', 'halt.raised']);
    await lift();
    expect((await room.card(plan)).halted).toBeNull();
  });
});
