import { type Kysely, sql } from 'kysely';

/** What pipelines, flag services and people tell of changes; the digest makes a repeated delivery one row. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table changes (
    digest text primary key,
    at timestamptz not null,
    service text,
    kind text not null,
    actor text,
    summary text not null,
    before text,
    after text,
    url text
  )`.execute(db);
  await sql`create index changes_newest on changes (at desc)`.execute(db);
}
