import { type RawBuilder, sql } from 'kysely';
import { type Anchor, digestAnchor } from '../domain/audit-anchor.ts';
import type { AuditProblem } from '../domain/audit-report.ts';
import { type AuditKey, type StreamHead, sameSeal, sealHead } from '../domain/audit-seal.ts';
import { chainStart } from '../domain/timeline.ts';
import type { Anchoring, AuditAnchors } from '../ports/audit.ts';
import { systemStream } from '../ports/record.ts';
import { type Db, lockAdvisory, type Session } from './session.ts';
import { createTimeline } from './timeline.ts';

const nothing: Anchoring = { anchor: null, alarms: [] };

export function createAuditAnchors(session: Session): AuditAnchors {
  return {
    anchor: (minAgeMs) =>
      session.atomic(async (db) => {
        await lockAdvisory(db, 'auditAnchor');
        const newest = await newestAnchor(db);
        if (newest !== undefined && (await isYounger(db, session.now(), newest, minAgeMs))) return nothing;
        const moved = await movedEnds(db);
        const alarms = moved.flatMap((end) => whyNot(session.auditKey, end) ?? []);
        const sound = moved.filter((end) => whyNot(session.auditKey, end) === null);
        if (sound.every(isOnlyTheAnchorBefore)) return { anchor: null, alarms };
        const anchor = await insertAnchor(db, session.now(), newest, sound);
        await createTimeline(session).append(systemStream, {
          kind: 'audit.anchored',
          actor: 'warroom',
          text: `Anchor ${anchor.number} over ${anchor.streams} timelines with ${anchor.entries} entries.`,
          data: { number: anchor.number, digest: anchor.digest },
        });
        return { anchor, alarms };
      }),
  };
}

async function newestAnchor(db: Db): Promise<Anchor | undefined> {
  return await db
    .selectFrom('auditAnchors')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The end of a stream now, and the newest end of it that an anchor listed; either may be missing. */
interface MovedEnd {
  readonly stream: string;
  readonly seq: number | null;
  readonly hash: string | null;
  readonly mac: string | null;
  readonly anchoredSeq: number | null;
  /** Of the entry that should be there. */
  readonly entryHash: string | null;
  readonly entryKind: string | null;
}

async function movedEnds(db: Db): Promise<MovedEnd[]> {
  const { rows } = await sql<MovedEnd>`
    select stream, h.seq, h.hash, h.mac, a.seq as anchored_seq, t.hash as entry_hash, t.kind as entry_kind
    from timeline_heads h
    full join (select distinct on (stream) stream, seq, hash from audit_anchor_heads order by stream, seq desc) a
      using (stream)
    left join timeline t on t.incident_id = h.stream and t.seq = h.seq
    where h.seq is distinct from a.seq or h.hash is distinct from a.hash`.execute(db);
  return rows;
}

/** Null when this end can go into the anchor. */
function whyNot(auditKey: AuditKey, end: MovedEnd): AuditProblem | null {
  const { stream, seq, hash, mac, anchoredSeq, entryHash } = end;
  const problem = (fault: AuditProblem['fault'], text: string) => ({ stream, seq, fault, text });
  if (seq === null || hash === null || mac === null) {
    return problem('forged-head', 'the sealed end of an anchored timeline is gone.');
  }
  if (!sameSeal(sealHead(auditKey, { stream, seq, hash }), mac)) {
    return problem('forged-head', 'the end of the timeline was not sealed by Warroom.');
  }
  if (anchoredSeq !== null && seq <= anchoredSeq) {
    return problem(
      'cut-tail',
      `an anchor saw entry ${anchoredSeq}, and the timeline now ends before that or otherwise.`,
    );
  }
  return entryHash === hash ? null : problem('cut-tail', 'the newest entry is gone or was changed.');
}

/** Each anchor is an entry itself; that alone is no reason for another. */
function isOnlyTheAnchorBefore(end: MovedEnd): boolean {
  return (
    end.stream === systemStream &&
    end.entryKind === 'audit.anchored' &&
    end.seq === (end.anchoredSeq ?? 0) + 1
  );
}

async function insertAnchor(
  db: Db,
  now: RawBuilder<Date>,
  newest: Anchor | undefined,
  ends: readonly MovedEnd[],
): Promise<Anchor> {
  const heads = ends.map(
    ({ stream, seq, hash }): StreamHead => ({ stream, seq: seq ?? 0, hash: hash ?? '' }),
  );
  const { at } = await db
    .selectNoFrom(sql<Date>`date_trunc('milliseconds', ${now})`.as('at'))
    .executeTakeFirstOrThrow();
  const unhashed = {
    number: (newest?.number ?? 0) + 1,
    at,
    streams: (newest?.streams ?? 0) + ends.filter((end) => end.anchoredSeq === null).length,
    entries: ends.reduce((sum, end) => sum + (end.seq ?? 0) - (end.anchoredSeq ?? 0), newest?.entries ?? 0),
    previous: newest?.digest ?? chainStart,
  };
  const anchor: Anchor = { ...unhashed, digest: digestAnchor(unhashed, heads) };
  await db.insertInto('auditAnchors').values(anchor).execute();
  for (let start = 0; start < heads.length; start += 1000) {
    const chunk = heads.slice(start, start + 1000).map((head) => ({ ...head, anchor: anchor.number }));
    await db.insertInto('auditAnchorHeads').values(chunk).execute();
  }
  return anchor;
}

async function isYounger(db: Db, now: RawBuilder<Date>, anchor: Anchor, minAgeMs: number): Promise<boolean> {
  const { ageMs } = await db
    .selectNoFrom(
      sql<number>`(extract(epoch from (${now} - ${anchor.at}::timestamptz)) * 1000)::float8`.as('ageMs'),
    )
    .executeTakeFirstOrThrow();
  return ageMs < minAgeMs;
}
