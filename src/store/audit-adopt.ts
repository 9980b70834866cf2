import type { Kysely } from 'kysely';
import { type AuditKey, markKey, sameSeal } from '../domain/audit-seal.ts';
import { WarroomError } from '../platform/errors.ts';
import { writeHead } from './audit-heads.ts';
import { type SealedRelation, sealedColumns, sealRows } from './audit-seals.ts';
import type { Database } from './schema.ts';

/** The record was sealed with another secret than this process has. */
export class WrongAuditKey extends WarroomError {
  readonly code = 'wrong_audit_key';
}

/** Seals a record that has no seals yet, and marks it as sealed with this key. */
export async function adoptRecord(db: Kysely<Database>, auditKey: AuditKey): Promise<void> {
  const ends = await db
    .selectFrom('timeline')
    .distinctOn('incidentId')
    .select(['incidentId', 'seq', 'hash'])
    .orderBy('incidentId')
    .orderBy('seq', 'desc')
    .execute();
  for (const { incidentId, seq, hash } of ends) {
    await writeHead(db, auditKey, { stream: incidentId, seq, hash });
  }
  for (const relation of Object.keys(sealedColumns) as SealedRelation[]) {
    const rows = await db
      .selectFrom(relation as 'plans')
      .select('id')
      .execute();
    for (const { id } of rows) await sealRows(db, auditKey, relation, [id]);
  }
  await db
    .insertInto('auditKey')
    .values({ mark: markKey(auditKey) })
    .execute();
}

/**
 * With another key every seal would look forged, and every timeline that goes on would be broken for good.
 * @throws WrongAuditKey
 */
export async function demandKey(db: Kysely<Database>, auditKey: AuditKey): Promise<void> {
  const row = await db.selectFrom('auditKey').select('mark').executeTakeFirst();
  if (row !== undefined && sameSeal(markKey(auditKey), row.mark)) return;
  throw new WrongAuditKey(
    row === undefined
      ? 'The record does not say which secret it was sealed with: somebody removed that row.'
      : 'The record was sealed with another WARROOM_SECRET than this one.',
    'Start with the secret that it was sealed with. To change the secret, stop Warroom and run: npm run warroom -- audit rekey',
  );
}
