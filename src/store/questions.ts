import type { Questions } from '../ports/record.ts';
import type { Session } from './session.ts';
import { toJsonb } from './storable.ts';

export function createQuestions(session: Session): Questions {
  const rows = () => session.db.selectFrom('questions').selectAll();

  return {
    async insert(question) {
      await session.db
        .insertInto('questions')
        .values({ ...question, evidence: toJsonb(question.evidence) })
        .execute();
    },

    get: (id) => rows().where('id', '=', id).executeTakeFirst(),

    open: () => rows().where('answer', 'is', null).orderBy('at').orderBy('id').execute(),

    ofIncident: (incidentId) =>
      rows().where('incidentId', '=', incidentId).orderBy('at').orderBy('id').execute(),

    async answer(id, answer, evidence) {
      const answered = await session.db
        .updateTable('questions')
        .set({ answer, evidence: toJsonb(evidence), answeredAt: session.now() })
        .where('id', '=', id)
        .where('answer', 'is', null)
        .executeTakeFirst();
      return answered.numUpdatedRows === 1n;
    },
  };
}
