import { type Kysely, sql } from 'kysely';

/** What a turn counts for toward the limits, from the moment it is asked: agents that ask at once see each other's. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `alter table conversation_turns
    add column counted_tokens integer not null default 0,
    add column counted_dollars double precision not null default 0,
    drop column loaded_tokens`,
  `update conversation_turns set
    counted_tokens = coalesce(input_tokens, 0) + coalesce(cached_tokens, 0) + coalesce(output_tokens, 0),
    counted_dollars = coalesce(dollars, 0)`,
];
