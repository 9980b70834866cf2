import { featuresOf } from '../analysis/similarity/shape-features.ts';
import type { Learned } from '../domain/past-incident.ts';
import type { Knowledge } from '../ports/record.ts';
import type { Session } from './session.ts';
import { findSimilar } from './similar-incidents.ts';
import { storableText, toJsonb } from './storable.ts';

/** Longer is not read by anybody, and PostgreSQL's text search has a limit of its own. */
const mostSymptoms = 12_000;
const mostLearned = 6_000;

export function createKnowledge(session: Session): Knowledge {
  return {
    async put({ incidentId, ...entry }, learned) {
      const row = { ...entry, ...(learned === undefined ? {} : columnsOf(learned)) };
      await session.db
        .insertInto('knowledge')
        .values({ incidentId, learned: entry.markdown.slice(0, mostLearned), ...row })
        .onConflict((conflict) => conflict.column('incidentId').doUpdateSet(row))
        .execute();
    },

    async get(incidentId) {
      return await session.db
        .selectFrom('knowledge')
        .select(['incidentId', 'title', 'service', 'markdown', 'at'])
        .where('incidentId', '=', incidentId)
        .executeTakeFirst();
    },

    async unlearned(limit) {
      const found = await session.db
        .selectFrom('knowledge')
        .select('incidentId')
        .where('shape', 'is', null)
        .orderBy('at', 'desc')
        .limit(limit)
        .execute();
      return found.map(({ incidentId }) => incidentId);
    },

    similar: (query, limit) => findSimilar(session.db, query, limit),
  };
}

function columnsOf({ symptoms, shape, lesson }: Learned) {
  const told = [
    lesson.cause,
    lesson.commit?.subject ?? '',
    ...lesson.remedies.flatMap((remedy) => [remedy.kind, remedy.summary, remedy.reason ?? '']),
    ...shape.settings,
  ];
  return {
    symptoms: symptoms.slice(0, mostSymptoms),
    learned: told.join('\n').slice(0, mostLearned),
    shape: toJsonb(shape),
    lesson: toJsonb(lesson),
    features: featuresOf(shape).map((feature) => storableText(feature.key)),
  };
}
