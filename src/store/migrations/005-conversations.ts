import { type Kysely, sql } from 'kysely';

/** What agents and models said to each other, turn by turn, so that a killed worker's conversation is gone on with. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** `json`, not `jsonb`, for what goes back to a model: it keeps the order of keys, and the model's cache is by bytes. */
const statements = [
  `create table conversations (
    id text primary key,
    incident_id text not null references incidents,
    investigation_id text not null references investigations,
    model text not null,
    opening json not null,
    at timestamptz not null
  )`,
  `create index conversations_of_incident on conversations (incident_id)`,
  `create table conversation_turns (
    conversation_id text not null references conversations,
    number integer not null check (number > 0),
    state text not null check (state in ('asked', 'answered', 'given-up')),
    said json not null,
    purposes jsonb not null,
    steers jsonb not null,
    shed integer not null,
    blocks json,
    stop text,
    model text,
    input_tokens integer,
    cached_tokens integer,
    output_tokens integer,
    loaded_tokens integer,
    dollars double precision,
    elapsed_ms integer not null,
    at timestamptz not null,
    primary key (conversation_id, number),
    check ((state = 'answered') = (blocks is not null and stop is not null)),
    check ((state = 'asked') = (output_tokens is null))
  )`,
  `create table conversation_results (
    conversation_id text not null,
    number integer not null,
    call_id text not null,
    text text not null,
    failed boolean not null,
    malformed boolean not null,
    place bigint generated always as identity,
    primary key (conversation_id, number, call_id),
    foreign key (conversation_id, number) references conversation_turns
  )`,
  `alter table investigations add column reasoning jsonb`,
];
