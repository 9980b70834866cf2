import { type Selectable, sql } from 'kysely';
import type { Plan, PlanBody } from '../domain/plan.ts';
import { canonicalJson } from '../platform/canonical-json.ts';
import { UnknownVersion } from '../platform/errors.ts';
import type { Plans } from '../ports/record.ts';
import type { PlanRow } from './schema.ts';
import { lockAdvisory, type Session } from './session.ts';

export function createPlans(session: Session): Plans {
  const rows = () => session.db.selectFrom('plans').selectAll();

  return {
    async insert(plan) {
      const { body: _body, ...row } = plan;
      await session.db.insertInto('plans').values(row).execute();
    },

    async get(id) {
      const row = await rows().where('id', '=', id).executeTakeFirst();
      return row && toPlan(row);
    },

    async ofIncident(incidentId) {
      const found = await rows()
        .where('incidentId', '=', incidentId)
        .orderBy('createdAt', 'desc')
        .orderBy('id', 'desc')
        .execute();
      return found.map(toPlan);
    },

    async move(id, from, to) {
      const moved = await session.db
        .updateTable('plans')
        .set({ state: to })
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirst();
      return moved.numUpdatedRows === 1n;
    },

    async begin(id) {
      const begun = await session.db
        .updateTable('plans')
        .set({ state: 'approved' })
        .where('id', '=', id)
        .where('state', '=', 'announced')
        .where('runsAt', '<=', session.now())
        .executeTakeFirst();
      return begun.numUpdatedRows === 1n;
    },

    async pending() {
      const found = await rows().where('state', '=', 'pending').orderBy('createdAt').orderBy('id').execute();
      return found.filter((row) => versionOf(row) === 1).map(toPlan);
    },

    async countSelfRuns(service, since) {
      await lockAdvisory(session.db, 'selfRuns');
      const found = await session.db
        .selectFrom('approvals')
        .innerJoin('plans', 'plans.id', 'approvals.planId')
        .select('plans.canonical')
        .where('approvals.decision', '=', 'self-run')
        .where('approvals.at', '>', since)
        .execute();
      return found.filter(({ canonical }) =>
        (JSON.parse(canonical) as PlanBody).remedies.some((remedy) => remedy.service === service),
      ).length;
    },

    async rejections(service, kind, limit) {
      const found = await session.db
        .selectFrom('plans')
        .innerJoin('approvals', 'approvals.planId', 'plans.id')
        .selectAll('plans')
        .select(['approvals.id as approvalId'])
        .where('approvals.decision', '=', 'reject')
        // Read whole below; this only spares reading every plan ever made. Not as jsonb: that refuses some of what JSON may
        // say (NUL, half a surrogate pair), and one such plan would keep every other from being made.
        .where(sql<boolean>`strpos(plans.canonical, ${canonicalJson({ kind }).slice(1, -1)}) > 0`)
        .where(sql<boolean>`strpos(plans.canonical, ${canonicalJson({ service }).slice(1, -1)}) > 0`)
        .orderBy('approvals.at', 'desc')
        .limit(limit)
        .execute();
      const pairs = [];
      for (const { approvalId, ...row } of found) {
        const approval = await session.db
          .selectFrom('approvals')
          .selectAll()
          .where('id', '=', approvalId)
          .executeTakeFirstOrThrow();
        pairs.push({ plan: toPlan(row), approval });
      }
      return pairs.filter(({ plan }) =>
        plan.body.remedies.some((remedy) => remedy.kind === kind && remedy.service === service),
      );
    },

    async overdue() {
      const found = await rows()
        .where('state', '=', 'pending')
        .where('expiresAt', '<=', session.now())
        .orderBy('expiresAt')
        .execute();
      // A plan of a newer version is for the process that wrote it to expire; it must not stop the expiry of all others.
      return found.filter((row) => versionOf(row) === 1).map(toPlan);
    },

    async recordApproval(approval) {
      await session.db
        .insertInto('approvals')
        .values(approval)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
    },

    async approvals(planId) {
      return await session.db
        .selectFrom('approvals')
        .selectAll()
        .where('planId', '=', planId)
        .orderBy('at')
        .orderBy('id')
        .execute();
    },
  };
}

/** The body is read from the bytes that were hashed; there is no second copy that could differ. */
function toPlan(row: Selectable<PlanRow>): Plan {
  const version = versionOf(row);
  if (version !== 1) {
    throw new UnknownVersion(
      `Plan ${row.id} has version ${String(version)}, which this Warroom does not know.`,
      'Run the version of Warroom that wrote it, or a newer one.',
    );
  }
  return { ...row, body: readBody(row.canonical) };
}

/** What the first plans did not say yet: nobody but an agent could ask for one, and each waited for a click. */
const unsaid = { tainted: false, requestedBy: [], history: [] } satisfies Partial<PlanBody>;

function readBody(canonical: string): PlanBody {
  const body = { ...unsaid, ...(JSON.parse(canonical) as PlanBody) };
  const remedies = body.remedies.map((remedy) => ({
    ...remedy,
    preview: { ...remedy.preview, measured: remedy.preview.measured ?? null },
  }));
  return { ...body, remedies };
}

function versionOf(row: Selectable<PlanRow>): unknown {
  return (JSON.parse(row.canonical) as { version: unknown }).version;
}
