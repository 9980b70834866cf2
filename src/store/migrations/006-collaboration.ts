import { type Kysely, sql } from 'kysely';

/** The blackboard: what agents ask each other, and what people write in their threads. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `create table peer_questions (
    id text primary key,
    incident_id text not null references incidents,
    round integer not null check (round >= 0),
    "from" text not null,
    "to" text not null,
    text text not null,
    evidence jsonb not null,
    answer jsonb,
    at timestamptz not null,
    answered_at timestamptz,
    set_aside_at timestamptz
  )`,
  `create unique index peer_questions_asked_once on peer_questions (incident_id, "from", "to", text)
    where set_aside_at is null`,
  `create table steers (
    id text primary key,
    incident_id text not null references incidents,
    investigation_id text not null references investigations,
    user_id text not null,
    text text not null,
    at timestamptz not null
  )`,
  `create index steers_of_investigation on steers (investigation_id, at)`,
  `alter table root_causes add column open jsonb not null default '[]'`,
];
