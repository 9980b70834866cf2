import { type Kysely, sql } from 'kysely';

/** The whole of what a tool saw, where that is more than its evidence row shows: compressed, for any worker to search. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create table tool_outputs (
        incident_id text not null,
        number integer not null,
        body bytea not null,
        primary key (incident_id, number),
        foreign key (incident_id, number) references evidence (incident_id, number)
      )`,
    )
    .execute(db);
}
