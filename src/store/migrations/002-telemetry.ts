import { type Kysely, sql } from 'kysely';

/** Pushed telemetry, many lines or spans a row: read in whole windows, so a row each would only cost. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table log_batches (
    id bigint generated always as identity primary key,
    service text not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    lines text not null
  )`.execute(db);
  await sql`create index log_batches_newest on log_batches (service, last_at desc, id desc)`.execute(db);
  await sql`create index log_batches_oldest on log_batches (last_at)`.execute(db);
  await sql`create table span_batches (
    id bigint generated always as identity primary key,
    first_at timestamptz not null,
    last_at timestamptz not null,
    spans text not null
  )`.execute(db);
  await sql`create index span_batches_newest on span_batches (last_at desc, id desc)`.execute(db);
}
