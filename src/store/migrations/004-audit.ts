import { type Kysely, sql } from 'kysely';
import type { AuditKey } from '../../domain/audit-seal.ts';
import { adoptRecord } from '../audit-adopt.ts';
import type { Database } from '../schema.ts';

/**
 * Seals with a key that the database does not have: ends of timelines, rows that change, and anchors over all ends. What
 * is there already is sealed as it is found.
 */
export async function up(db: Kysely<unknown>, auditKey: AuditKey): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
  await adoptRecord(db as Kysely<Database>, auditKey);
}

const statements = [
  `create table timeline_heads (
    stream text primary key,
    seq integer not null,
    hash text not null,
    mac text not null
  )`,
  `create table row_seals (
    relation text not null,
    id text not null,
    mac text not null,
    primary key (relation, id)
  )`,
  `create table audit_anchors (
    number integer primary key check (number > 0),
    at timestamptz not null,
    streams integer not null,
    entries integer not null,
    previous text not null,
    digest text not null unique
  )`,
  `create table audit_anchor_heads (
    stream text not null,
    seq integer not null,
    hash text not null,
    anchor integer not null references audit_anchors,
    primary key (stream, seq)
  )`,
  `create index audit_anchor_heads_of_anchor on audit_anchor_heads (anchor)`,
  `create table audit_key (
    id integer primary key default 1 check (id = 1),
    mark text not null
  )`,
  // The export goes through all timelines in order of time.
  `create index timeline_in_time on timeline (at, incident_id, seq)`,

  `create trigger timeline_heads_keep_rows before delete on timeline_heads
    for each row execute function refuse_change()`,
  `create trigger timeline_heads_keep_table before truncate on timeline_heads
    for each statement execute function refuse_change()`,
  `create trigger timeline_heads_only_advance before update on timeline_heads for each row
    when (old.stream <> new.stream or new.seq < old.seq or (new.seq = old.seq and new.hash <> old.hash))
    execute function refuse_change()`,
  ...['audit_anchors', 'audit_anchor_heads'].flatMap((table) => [
    `create trigger ${table}_keep_rows before update or delete on ${table}
      for each row execute function refuse_change()`,
    `create trigger ${table}_keep_table before truncate on ${table}
      for each statement execute function refuse_change()`,
  ]),
];
