import { type AuditKey, type StreamHead, sameSeal, sealHead } from '../domain/audit-seal.ts';
import type { Db } from './session.ts';

/** Null when the stream has none yet. The caller holds the stream's lock. */
export async function readHead(
  db: Db,
  auditKey: AuditKey,
  stream: string,
): Promise<(StreamHead & { readonly sealed: boolean }) | null> {
  const row = await db
    .selectFrom('timelineHeads')
    .selectAll()
    .where('stream', '=', stream)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { mac, ...head } = row;
  return { ...head, sealed: sameSeal(sealHead(auditKey, head), mac) };
}

export async function writeHead(db: Db, auditKey: AuditKey, head: StreamHead): Promise<void> {
  const sealed = { seq: head.seq, hash: head.hash, mac: sealHead(auditKey, head) };
  await db
    .insertInto('timelineHeads')
    .values({ stream: head.stream, ...sealed })
    .onConflict((conflict) => conflict.column('stream').doUpdateSet(sealed))
    .execute();
}
