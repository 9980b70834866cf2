import { sql } from 'kysely';
import { type Act, type PlanTargets, planOf, toAct } from '../domain/audit-act.ts';
import type { PlanBody } from '../domain/plan.ts';
import type { Db } from './session.ts';

const actsPerPage = 1000;

/** Oldest first, a page at a time; what is appended after the start is left for the next export. */
export async function* readActs(
  db: Db,
  { since, incidentId }: { readonly since: Date | null; readonly incidentId: string | null },
): AsyncGenerator<Act> {
  const targets = new Map<string, PlanTargets>();
  const undoAsked = await readUndoAsked(db);
  const { start } = await db
    .selectNoFrom(sql<string>`clock_timestamp()::text`.as('start'))
    .executeTakeFirstOrThrow();
  let query = db
    .selectFrom('timeline')
    .selectAll()
    .select(sql<string>`at::text`.as('exactAt'))
    .where('at', '<=', sql<Date>`${start}::timestamptz`)
    .orderBy('at')
    .orderBy('incidentId')
    .orderBy('seq')
    .limit(actsPerPage);
  if (since !== null) query = query.where('at', '>=', since);
  if (incidentId !== null) query = query.where('incidentId', '=', incidentId);

  for (let page = await query.execute(); ; ) {
    await addTargets(db, page.map(planOf), targets);
    for (const { exactAt: _, ...entry } of page) {
      const plan = planOf(entry);
      yield toAct(entry, targets.get(plan ?? ''), plan !== null && undoAsked.has(plan));
    }
    const last = page.at(-1);
    if (last === undefined) return;
    page = await query
      .where(
        sql<boolean>`(at, incident_id, seq) > (${last.exactAt}::timestamptz, ${last.incidentId}, ${last.seq})`,
      )
      .execute();
  }
}

/** Plans that a person wanted undone: their rollback is that person's doing. */
async function readUndoAsked(db: Db): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('timeline')
    .select('data')
    .where('kind', '=', 'plan.undo-requested')
    .execute();
  return new Set(rows.flatMap((row) => planOf(row) ?? []));
}

async function addTargets(
  db: Db,
  plans: readonly (string | null)[],
  known: Map<string, PlanTargets>,
): Promise<void> {
  const wanted = [...new Set(plans.filter((id) => id !== null && !known.has(id)))];
  if (wanted.length === 0) return;
  const rows = await db
    .selectFrom('plans')
    .select(['id', 'canonical'])
    .where('id', '=', sql<string>`any(${wanted}::text[])`)
    .execute();
  for (const { id, canonical } of rows) known.set(id, targetsOf(canonical));
}

/** A plan that somebody garbled is still an act; what it acted on is then not known. */
function targetsOf(canonical: string): PlanTargets {
  try {
    const { remedies } = JSON.parse(canonical) as PlanBody;
    return {
      remedies: remedies.map((remedy) => remedy.kind),
      services: [...new Set(remedies.map((remedy) => remedy.service))],
    };
  } catch {
    return { remedies: [], services: [] };
  }
}
