import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import type { AskedTurn, Conversation, Reply } from '../../src/ports/conversations.ts';
import type { Block } from '../../src/ports/language-model.ts';
import type { Record } from '../../src/ports/record.ts';
import { type HeldClock, noon, sampleInvestigation, sampleObservation } from './record-samples.ts';

/** What an agent and a model said to each other, and what it cost. */
export function describeConversations(
  record: () => Record,
  openIncident: () => Promise<string>,
  clock: HeldClock,
): void {
  beforeEach(() => clock.set(noon));

  const turn = (number: number, change: Partial<AskedTurn> = {}): AskedTurn => ({
    number,
    said: [],
    purposes: [],
    steers: [],
    shed: 0,
    elapsedMs: 1_000 * number,
    counts: { tokens: 700, dollars: 0.5 },
    ...change,
  });
  const spent = {
    inputTokens: 900,
    cachedTokens: 100,
    outputTokens: 50,
    dollars: 0.02,
    counts: { tokens: 1_050, dollars: 0.02 },
  };
  // Keys in an order that jsonb would change: the model's cache goes by bytes.
  const blocks: Block[] = [
    { type: 'opaque', value: { type: 'thinking', thinking: 'Hm.', signature: 's', zeta: 1, alpha: 2 } },
    { type: 'tool-call', id: 't1', name: 'look', input: { zeta: [1], alpha: 'ä\u0000' } },
  ];
  const reply: Reply = { blocks, stop: 'tool-calls', model: 'claude-x', spent, elapsedMs: 5_000 };

  async function begin(round = 1, incidentId?: string): Promise<Conversation> {
    const incident = incidentId ?? (await openIncident());
    const service = newId();
    const investigation = await record().investigations.ensure(sampleInvestigation(incident, { service }));
    return record().conversations.begin({
      id: `${investigation.id}@${round}`,
      incidentId: incident,
      investigationId: investigation.id,
      model: 'claude-x',
      opening: { task: 'Look.' },
    });
  }

  describe('conversations', () => {
    it('begin once, and keep what they began with', async () => {
      const first = await begin();

      const again = await record().conversations.begin({ ...first, opening: { task: 'Another.' } });

      expect(again).toEqual({ ...first, opening: { task: 'Look.' }, turns: [] });
      expect(await record().conversations.get('nobody')).toBeUndefined();
    });

    it('keep a turn from its intent to the results of its calls, key for key', async () => {
      const { id } = await begin();
      const { conversations } = record();
      const asked = turn(1, {
        said: [{ type: 'text', text: 'Go on.' }],
        steers: ['s1'],
        purposes: ['room'],
        shed: 1,
      });
      expect(await conversations.ask(id, asked)).toBe('asked');
      expect((await conversations.get(id))?.turns).toEqual([
        { ...asked, state: 'asked', reply: null, spent: null, results: [] },
      ]);

      expect(await conversations.answer(id, 1, reply)).toBe(true);
      const result = { callId: 't1', text: 'one', failed: false, malformed: false };
      expect(await conversations.keepResult(id, 1, result)).toEqual(result);
      expect(await conversations.keepResult(id, 1, { ...result, text: 'two' })).toEqual(result);
      await conversations.noteTime(id, 1, 4_000);

      const [kept] = (await conversations.get(id))?.turns ?? [];
      expect(kept).toMatchObject({ state: 'answered', spent, results: [result], elapsedMs: 5_000 });
      expect(JSON.stringify(kept?.reply?.blocks)).toBe(JSON.stringify(blocks).replace('\\u0000', ''));
    });

    it('let one worker ask, and one answer count', async () => {
      const { id } = await begin();
      const { conversations } = record();

      const asked = await Promise.all([conversations.ask(id, turn(1)), conversations.ask(id, turn(1))]);
      expect(asked.toSorted()).toEqual(['asked', 'taken']);
      expect(await conversations.ask(id, turn(3))).toBe('taken');
      expect(await conversations.giveUp(id, 1, spent)).toBe(true);
      expect(await conversations.answer(id, 1, reply)).toBe(false);
      expect(await conversations.giveUp(id, 1, spent)).toBe(false);
    });

    it('add up what the agents of an incident have spent, round by round', async () => {
      const first = await begin();
      const { conversations } = record();
      const again = await conversations.begin({ ...first, id: `${first.investigationId}@2` });
      const other = await begin(1, first.incidentId);
      for (const id of [first.id, again.id, other.id]) await conversations.ask(id, turn(1));
      await conversations.answer(first.id, 1, reply);
      await conversations.giveUp(again.id, 1, spent);
      await conversations.answer(other.id, 1, { ...reply, spent: { ...spent, dollars: null } });

      const lines = await conversations.spentBy(first.incidentId);

      expect(lines.find((one) => one.investigationId === first.investigationId)).toEqual({
        investigationId: first.investigationId,
        turns: 2,
        inputTokens: 1_800,
        cachedTokens: 200,
        outputTokens: 100,
        dollars: expect.closeTo(0.04),
        counts: { tokens: 2_100, dollars: expect.closeTo(0.04) },
        unpriced: 0,
        estimated: 1,
        elapsedMs: 6_000,
      });
      expect(lines.find((one) => one.investigationId === other.investigationId)).toMatchObject({
        dollars: null,
        unpriced: 1,
      });
    });

    it('count a request from the moment it is asked, so that agents that ask at once share a limit', async () => {
      const first = await begin();
      const others = await Promise.all([1, 2, 3].map(() => begin(1, first.incidentId)));
      const { conversations } = record();

      const asked = await Promise.all(
        [first, ...others].map(({ id }) =>
          conversations.ask(
            id,
            turn(1),
            (lines) => lines.reduce((sum, one) => sum + one.counts.dollars, 0) < 1,
          ),
        ),
      );

      expect(asked.toSorted()).toEqual(['asked', 'asked', 'refused', 'refused']);
      const lines = await conversations.spentBy(first.incidentId);
      expect(lines.map(({ counts, inputTokens }) => [counts.tokens, inputTokens])).toEqual([
        [700, 0],
        [700, 0],
      ]);
    });

    it('are forgotten some time after their incident is resolved, but for what they cost', async () => {
      const [over, open] = [await begin(), await begin()];
      const { conversations, evidence, incidents } = record();
      const output = randomBytes(20).toString('hex');
      for (const { id, incidentId } of [over, open]) {
        await conversations.ask(id, turn(1, { said: [{ type: 'text', text: 'Go on.' }] }));
        await conversations.answer(id, 1, reply);
        await conversations.keepResult(id, 1, { callId: 't1', text: 'one', failed: false, malformed: false });
        await evidence.keep(incidentId, null, 'a', sampleObservation({ output }));
      }
      await incidents.update(over.incidentId, { status: 'resolved', resolvedAt: noon });

      await conversations.forget(noon);
      expect(await evidence.output(over.incidentId, 1)).toBe(output);
      await conversations.forget(new Date(noon.getTime() + 1));

      const said = async (id: string) => {
        const kept = await conversations.get(id);
        const [first] = kept?.turns ?? [];
        return [kept?.opening, first?.said.length, first?.reply?.blocks.length, first?.results.length];
      };
      expect(await said(over.id)).toEqual([null, 0, 0, 0]);
      expect(await said(open.id)).toEqual([{ task: 'Look.' }, 1, 2, 1]);
      expect(await evidence.output(over.incidentId, 1)).toBeUndefined();
      expect(await evidence.output(open.incidentId, 1)).toBe(output);
      expect(await evidence.ofIncident(over.incidentId)).toHaveLength(1);
      expect(await conversations.spentBy(over.incidentId)).toMatchObject([{ counts: { tokens: 1_050 } }]);
    });

    it('know which steers were in a request that was answered, or repeated by one', async () => {
      const { id, investigationId } = await begin();
      const { conversations } = record();
      await conversations.ask(id, turn(1, { steers: ['s1'] }));
      await conversations.giveUp(id, 1, spent);
      expect(await conversations.toldSteers(investigationId)).toEqual([]);

      await conversations.ask(id, turn(2, { steers: ['s2'] }));
      await conversations.answer(id, 2, reply);
      await conversations.ask(id, turn(3, { steers: ['s3'] }));

      expect(await conversations.toldSteers(investigationId)).toEqual(['s1', 's2']);
    });
  });
}
