import { sql } from 'kysely';
import type { PeerQuestions } from '../ports/record.ts';
import type { Session } from './session.ts';
import { storableText, toJsonb } from './storable.ts';

export function createPeerQuestions(session: Session): PeerQuestions {
  const rows = () =>
    session.db
      .selectFrom('peerQuestions')
      .select(['id', 'incidentId', 'round', 'from', 'to', 'text', 'evidence', 'answer', 'at', 'answeredAt'])
      .where('setAsideAt', 'is', null);

  return {
    async ensure(question) {
      const { evidence, answer, ...plain } = question;
      await session.db
        .insertInto('peerQuestions')
        .values({
          ...plain,
          evidence: toJsonb(evidence),
          answer: answer === null ? null : toJsonb(answer),
          setAsideAt: null,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['incidentId', 'from', 'to', 'text'])
            .where(sql.ref('set_aside_at'), 'is', null)
            .doNothing(),
        )
        .execute();
      return await rows()
        .where('incidentId', '=', question.incidentId)
        .where('from', '=', storableText(question.from))
        .where('to', '=', storableText(question.to))
        .where('text', '=', storableText(question.text))
        .executeTakeFirstOrThrow();
    },

    ofIncident: (incidentId) =>
      rows().where('incidentId', '=', incidentId).orderBy('at').orderBy('id').execute(),

    async answer(id, answer) {
      const answered = await session.db
        .updateTable('peerQuestions')
        .set({ answer: toJsonb(answer), answeredAt: session.now() })
        .where('id', '=', id)
        .where('answer', 'is', null)
        .where('setAsideAt', 'is', null)
        .executeTakeFirst();
      return answered.numUpdatedRows === 1n;
    },

    async setAside(incidentId) {
      await session.db
        .updateTable('peerQuestions')
        .set({ setAsideAt: session.now() })
        .where('incidentId', '=', incidentId)
        .where('setAsideAt', 'is', null)
        .execute();
    },
  };
}
