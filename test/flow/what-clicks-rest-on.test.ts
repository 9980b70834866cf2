import { afterEach, describe, expect, it } from 'vitest';
import { delegate } from '../../src/flow/index.ts';
import { aService } from '../support/builders.ts';
import { nobodyKnows, openWarRoom, steps, type WarRoom } from '../support/war-room.ts';

let room: WarRoom;
afterEach(() => room.close());

async function open(risk: 'medium' | 'high'): Promise<void> {
  room = await openWarRoom({
    investigator: nobodyKnows,
    catalogue: {
      services: [aService({ name: 'ledger', approvers: ['U-ANA', 'U-BEN', 'U-DOT'] })],
      clusters: [],
    },
  });
  room.remedy.facts = { base: risk, reasons: ['as this test says'], reversible: 'exact' };
  await room.raise();
}

const leaves = (id: string) => room.fixture.people.set(id, { id, name: id, kind: 'deactivated' });

describe('people whose account is closed, and whom the catalogue still names', () => {
  it('have no voice to lend', async () => {
    await open('medium');
    const plan = await room.proposed('U-KIM', steps('one'));
    await delegate(room.flow, { from: 'U-ANA', to: 'U-CARL', hours: 1, reason: 'lunch' });
    leaves('U-ANA');

    expect(await room.click(plan, 'U-CARL')).toMatchObject({ refusal: 'not-an-approver' });
    expect(await room.click(plan, 'U-BEN')).toMatchObject({ accepted: true });
  });

  it('are not the first of two any more', async () => {
    await open('high');
    const plan = await room.proposed('U-KIM', steps('one'));
    await room.click(plan, 'U-ANA');
    leaves('U-ANA');

    await room.click(plan, 'U-BEN');
    expect(await room.state(plan)).toBe('pending');
    await room.click(plan, 'U-DOT');
    expect(await room.state(plan)).toBe('approved');
  });

  it('cannot be told from others while the directory is away', async () => {
    await open('high');
    const plan = await room.proposed('U-KIM', steps('one'));
    await room.click(plan, 'U-ANA');
    const { directory } = room.flow;
    const person = async (id: string, signal: AbortSignal) => {
      if (id === 'U-ANA') throw new Error('Slack does not say');
      return await (directory?.person(id, signal) ?? Promise.reject(new Error('no directory')));
    };
    room.flow = { ...room.flow, directory: directory && { ...directory, person } };

    expect(await room.click(plan, 'U-BEN')).toMatchObject({ refusal: 'directory-unavailable' });
  });
});

it('a reason to break the glass that nobody can read is none', async () => {
  await open('medium');
  const plan = await room.proposed('U-KIM', steps('one'));
  room.fixture.groups.set('@glass', ['U-GIL']);
  room.flow = {
    ...room.flow,
    policy: { ...room.flow.policy, breakGlass: { people: ['@glass'], announceTo: '#ops' } },
  };
  const breakWith = (reason: string) => room.click(plan, 'U-GIL', 'break-glass', reason);

  for (const reason of [
    '\u200b'.repeat(40),
    `x${' '.repeat(40)}y`,
    '\u2800'.repeat(40),
    '\u00ad'.repeat(40),
  ]) {
    expect(await breakWith(reason)).toMatchObject({ refusal: 'no-reason' });
  }
  expect(await breakWith('nobody answers since 03:10')).toMatchObject({ accepted: true });
});
