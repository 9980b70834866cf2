import { beforeEach, describe, expect, it } from 'vitest';
import type { PeerQuestion } from '../../src/domain/peer-question.ts';
import type { Steer } from '../../src/domain/steer.ts';
import { newId } from '../../src/platform/ids.ts';
import type { Record } from '../../src/ports/record.ts';
import { type HeldClock, noon, sampleInvestigation } from './record-samples.ts';

/** What agents ask each other, and what people write to one of them. */
export function describeCollaboration(
  record: () => Record,
  openIncident: () => Promise<string>,
  clock: HeldClock,
): void {
  beforeEach(() => clock.set(noon));

  const questionIn = (incidentId: string, change: Partial<PeerQuestion> = {}): PeerQuestion => ({
    id: newId(),
    incidentId,
    round: 1,
    from: 'billing',
    to: 'users',
    text: 'billing says its failures are 401s from you (evidence 3, 7). Does it begin with you?',
    evidence: [3, 7],
    answer: null,
    at: noon,
    answeredAt: null,
    ...change,
  });
  const mine = { verdict: 'mine', text: 'The token lifetime changed.', evidence: [12] } as const;

  describe('questions among agents', () => {
    it('are asked once, however often they are put', async () => {
      const question = questionIn(await openIncident());

      const first = await record().peerQuestions.ensure(question);
      const again = await record().peerQuestions.ensure({ ...question, id: newId(), round: 2 });

      expect(first).toEqual(question);
      expect(again).toEqual(question);
      expect(await record().peerQuestions.ofIncident(question.incidentId)).toEqual([question]);
    });

    it('may be asked of two, and back', async () => {
      const one = questionIn(await openIncident());
      const others = [
        questionIn(one.incidentId, { to: 'mail' }),
        questionIn(one.incidentId, { from: 'users', to: 'billing' }),
      ];
      for (const question of [one, ...others]) await record().peerQuestions.ensure(question);

      expect(await record().peerQuestions.ofIncident(one.incidentId)).toHaveLength(3);
    });

    it('are answered once', async () => {
      const question = questionIn(await openIncident());
      await record().peerQuestions.ensure(question);

      const answers = await Promise.all(
        [mine, { ...mine, verdict: 'not-mine' as const }].map((answer) =>
          record().peerQuestions.answer(question.id, answer),
        ),
      );

      expect(answers.filter(Boolean)).toHaveLength(1);
      const [kept] = await record().peerQuestions.ofIncident(question.incidentId);
      expect(kept?.answer?.text).toBe(mine.text);
      expect(kept?.answeredAt).toEqual(noon);
    });

    it('may be put with their answer', async () => {
      const question = questionIn(await openIncident(), { answer: mine, answeredAt: noon });

      expect(await record().peerQuestions.ensure(question)).toEqual(question);
      expect(await record().peerQuestions.answer(question.id, mine)).toBe(false);
    });

    it('count no more once everybody looks anew, and may be asked again', async () => {
      const question = questionIn(await openIncident());
      await record().peerQuestions.ensure(question);

      await record().peerQuestions.setAside(question.incidentId);

      expect(await record().peerQuestions.ofIncident(question.incidentId)).toEqual([]);
      expect(await record().peerQuestions.answer(question.id, mine)).toBe(false);
      const anew = { ...question, id: newId() };
      expect(await record().peerQuestions.ensure(anew)).toEqual(anew);
    });
  });

  describe('what people write to an agent', () => {
    it('is kept once for each message, oldest first, by agent', async () => {
      const incidentId = await openIncident();
      const one = await record().investigations.ensure(sampleInvestigation(incidentId));
      const other = await record().investigations.ensure(
        sampleInvestigation(incidentId, { service: 'mail' }),
      );
      const steerOf = (investigationId: string, seconds: number): Steer => ({
        id: `C1/${newId()}`,
        incidentId,
        investigationId,
        userId: 'U1',
        text: 'Look at the proxy.',
        at: new Date(noon.getTime() + seconds * 1000),
      });
      const [later, first, elsewhere] = [steerOf(one.id, 2), steerOf(one.id, 1), steerOf(other.id, 0)];

      for (const steer of [later, first, elsewhere]) expect(await record().steers.ensure(steer)).toBe(true);

      expect(await record().steers.ensure({ ...later, text: 'told twice' })).toBe(false);
      expect(await record().steers.ofInvestigation(one.id)).toEqual([first, later]);
      expect(await record().steers.ofInvestigation(other.id)).toEqual([elsewhere]);
    });
  });
}
