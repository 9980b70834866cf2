import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Investigator } from '../../src/agents/investigator.ts';
import type { Steer } from '../../src/domain/steer.ts';
import { acceptAlerts, reconcile, resolveIncident, steerAgent } from '../../src/flow/index.ts';
import { anAlert } from '../support/builders.ts';
import { blameOneCommit, deliverAll, type FlowFixture, openFlow } from '../support/flow-fixture.ts';

const channelId = 'C-ROOM';

describe('a person who writes in an agent’s thread', () => {
  let fixture: FlowFixture;
  let runs: { service: string; steers: readonly Steer[] }[];
  /** What happens while the agent of `ledger` looks. */
  let meanwhile: (() => Promise<void>) | null;
  let changesItsMind: boolean;
  /** Says what became of each message; one that ends before it does has not heard it. */
  let follows: boolean;
  let written: number;

  const usual = blameOneCommit();
  const investigator: Investigator = {
    name: 'evidence',
    async investigate(assignment, notebook, signal) {
      const { name } = assignment.service;
      if (name === 'ledger') await meanwhile?.();
      const steers = await notebook.steers();
      if (follows)
        for (const { id } of steers) await notebook.step(`steer:${id}`, 'Looked again as asked.', 'done');
      runs.push({ service: name, steers });
      const report = await usual.investigate(assignment, notebook, signal);
      if (name !== 'ledger' || steers.length === 0 || !changesItsMind) return report;
      return { ...report, claims: report.claims.map((claim) => ({ ...claim, confidence: 0.1 })) };
    },
  };

  beforeEach(async () => {
    [runs, meanwhile, changesItsMind, follows, written] = [[], null, false, true, 0];
    fixture = await openFlow({ investigator });
    await acceptAlerts(fixture.flow, [
      anAlert({ service: 'ledger', startsAt: new Date(Date.now() - 5_000) }),
    ]);
    await fixture.flow.record.incidents.update((await incident()).id, { channelId });
  });
  afterEach(() => fixture.close());

  const drain = () => fixture.queue.drain(fixture.flow);
  const incident = async () => {
    const [found] = await fixture.flow.record.incidents.recent(1);
    if (found === undefined) throw new Error('no incident');
    return found;
  };
  const threadOf = async (service: string) => {
    const entries = await fixture.flow.record.outbox.ofIncident((await incident()).id);
    return entries.find((entry) => entry.key === `agent:${service}`)?.externalId ?? '';
  };
  const write = async (text: string, change: Partial<Parameters<typeof steerAgent>[1]> = {}) => {
    written += 1;
    const ts = `1700000000.00000${written}`;
    const message = { channelId, threadTs: await threadOf('ledger'), ts, userId: 'U-OTHER', text, ...change };
    return steerAgent(fixture.flow, message);
  };
  const roundOf = async (service: string) =>
    (await fixture.flow.record.investigations.ofIncident((await incident()).id)).find(
      (one) => one.service === service,
    )?.round;
  const kinds = async () =>
    (await fixture.flow.record.timeline.ofIncident((await incident()).id)).map(({ kind }) => kind);
  const plans = async () =>
    (await fixture.flow.record.plans.ofIncident((await incident()).id)).map(({ state }) => state);

  it('is heard by the agent that looks, and by no other', async () => {
    meanwhile = async () => {
      await deliverAll(fixture.flow);
      expect(await write('Look at the proxy.')).toEqual({ heard: 'heard' });
    };

    await drain();

    expect(runs.filter((one) => one.service === 'ledger')).toMatchObject([
      { steers: [{ text: 'Look at the proxy.', userId: 'U-OTHER' }] },
    ]);
    expect(runs.filter((one) => one.service !== 'ledger').flatMap((one) => one.steers)).toEqual([]);
  });

  it('makes the agent look once more when it was read by nobody any more', async () => {
    await drain();
    const before = runs.length;
    const { evidence } = fixture.flow;
    const late: Investigator = {
      ...evidence,
      investigate: async (assignment, notebook, signal) => {
        const report = await evidence.investigate(assignment, notebook, signal);
        if (runs.length === before + 1) await write('And the cache?');
        return report;
      },
    };
    Object.assign(fixture.flow, { investigator: late, evidence: late });

    await write('Look at the proxy.');
    await drain();

    expect(runs.slice(before).map((one) => one.steers.map(({ text }) => text))).toEqual([
      ['Look at the proxy.'],
      ['Look at the proxy.', 'And the cache?'],
    ]);
  });

  it('is not lost when the agent has read it and ends before anything was made of it', async () => {
    follows = false;
    meanwhile = async () => {
      meanwhile = null;
      await deliverAll(fixture.flow);
      await write('Look at the proxy.');
    };

    await drain();

    expect(await roundOf('ledger')).toBe(2);
    expect(runs.filter((one) => one.service === 'ledger').map((one) => one.steers.length)).toEqual([1, 1]);
  });

  it('sends an agent that had ended to look again, alone, and leaves a plan that waits as it is', async () => {
    await drain();
    const before = runs.length;
    expect(await plans()).toEqual(['pending']);

    expect(await write('Look at the proxy.')).toEqual({ heard: 'heard' });
    await drain();

    expect(runs.slice(before)).toMatchObject([
      { service: 'ledger', steers: [{ text: 'Look at the proxy.' }] },
    ]);
    expect(await plans()).toEqual(['pending']);
    expect((await kinds()).slice(-4)).toEqual([
      'agent.steered',
      'agent.follow-up',
      'finding.stated',
      'root-cause.kept',
    ]);
    const shown = await fixture.flow.record.outbox.ofIncident((await incident()).id);
    expect(shown.find((entry) => entry.key === 'follow-up:ledger:2')?.item).toMatchObject({
      thread: 'agent:ledger',
      view: { text: 'Looked again as asked. Its answer: ledger fails since a commit.' },
    });
  });

  it('changes the answer when the agent does, and withdraws the plan made from the old one', async () => {
    await drain();
    changesItsMind = true;

    await write('That commit is not deployed.');
    await drain();

    const rootCause = await fixture.flow.record.rootCauses.get((await incident()).id);
    expect(rootCause?.outcome).toBe('inconclusive');
    expect(await plans()).toEqual(['void']);
    expect(await incident()).toMatchObject({ stage: 'approval' });
  });

  it('is heard although Redis is away, once it is back', async () => {
    await drain();
    fixture.queue.down = true;
    expect(await write('Look at the proxy.')).toEqual({ heard: 'heard' });
    fixture.queue.down = false;

    await reconcile(fixture.flow, new Map(), AbortSignal.timeout(10_000));
    await drain();

    expect(await roundOf('ledger')).toBe(2);
    expect((await kinds()).at(-1)).toBe('root-cause.kept');
  });

  it('is taken once for each message, three times in all, and told when it is too much', async () => {
    await drain();
    const once = { ts: '1700000001.000001' };
    expect(await write('One.', once)).toEqual({ heard: 'heard' });
    expect(await write('One.', once)).toEqual({ heard: 'not-ours' });
    await drain();
    for (const text of ['Two.', 'Three.']) {
      expect(await write(text)).toEqual({ heard: 'heard' });
      await drain();
    }

    expect(await write('Four.')).toMatchObject({
      heard: 'refused',
      reason: expect.stringContaining('3 times'),
    });
    expect(await roundOf('ledger')).toBe(4);
  });

  it('is not read any more once the thread has become a chat', async () => {
    await drain();
    const { id: incidentId } = await incident();
    const [agent] = await fixture.flow.record.investigations.ofIncident(incidentId);
    for (let n = 0; n < 20; n += 1)
      await fixture.flow.record.steers.ensure({
        id: `${channelId}/${n}`,
        incidentId,
        investigationId: agent?.id ?? '',
        userId: 'U-OTHER',
        text: 'Hm.',
        at: new Date(),
      });

    expect(await write('And?')).toMatchObject({
      heard: 'refused',
      reason: expect.stringContaining('20 messages'),
    });
  });

  it('steers nobody from another thread or channel, as a guest, or when the incident is over', async () => {
    await drain();

    expect(await write('Hm.', { threadTs: '1.0' })).toEqual({ heard: 'not-ours' });
    expect(await write('Hm.', { channelId: 'C-OTHER' })).toEqual({ heard: 'not-ours' });
    fixture.people.set('U-GUEST', { id: 'U-GUEST', name: 'Gil', kind: 'guest' });
    expect(await write('Hm.', { userId: 'U-GUEST' })).toMatchObject({ heard: 'refused' });
    await resolveIncident(fixture.flow, {
      incidentId: (await incident()).id,
      userId: 'U-OTHER',
      note: 'Done.',
    });
    expect(await write('Hm.')).toMatchObject({ heard: 'refused', reason: expect.stringContaining('over') });
    expect(await roundOf('ledger')).toBe(1);
  });
});
