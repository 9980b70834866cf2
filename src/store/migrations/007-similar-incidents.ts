import { type Kysely, sql } from 'kysely';

/**
 * Past incidents can be found by words, by parts of words and by the shape of their evidence. Parts of words need pg_trgm;
 * where the server refuses it, the other two ways stay.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Whole identifiers as they stand, and words of a language in any of their forms: `TokenExpiredError`, `token_ttl` and
  // `token.ttl` are found by their words. Calls nothing of this schema: a backup is restored with an empty search path.
  `create function knowledge_search(given text) returns tsvector language sql immutable parallel safe as $$
    select to_tsvector('simple'::regconfig, given) || to_tsvector('english'::regconfig,
      regexp_replace(
        regexp_replace(
          regexp_replace(given, '([a-z0-9])([A-Z])', '\\1 \\2', 'g'),
          '([A-Z]+)([A-Z][a-z])', '\\1 \\2', 'g'),
        '[-_./:@#$&=+,;|(){}<>*"''\`~^%!?\\[\\]\\\\]+', ' ', 'g'))
  $$`,
  `alter table knowledge
    add symptoms text not null default '',
    add learned text not null default '',
    add shape jsonb,
    add lesson jsonb,
    add features text[] not null default '{}'`,
  // What is there already is found by its draft until its rows are read again.
  `update knowledge set learned = left(markdown, 20000)`,
  `alter table knowledge
    add headline text generated always as (left(title || ' ' || symptoms, 400)) stored,
    add search tsvector generated always as (
      knowledge_search(left(title || ' ' || symptoms || ' ' || learned, 60000))
    ) stored`,
  `create index knowledge_by_words on knowledge using gin (search)`,
  `create index knowledge_by_shape on knowledge using gin (features)`,
  `create index knowledge_to_learn on knowledge (at) where shape is null`,

  // In how many entries a word or a mark stands: PostgreSQL's own ranking does not know what is common.
  `create table knowledge_terms (
    term text primary key,
    entries integer not null
  )`,
  `insert into knowledge_terms select word, ndoc from ts_stat('select search from knowledge')`,
  // In the order of the terms, so that two that learn at once wait for each other instead of deadlocking; the rows that
  // are deleted are locked by then. The counts lie beside the table, in whatever schema and search path that is.
  `create function count_knowledge_terms() returns trigger language plpgsql as $$
  declare
    gone text[] := '{}';
    come text[] := '{}';
  begin
    if tg_op <> 'INSERT' then gone := tsvector_to_array(old.search) || old.features; end if;
    if tg_op <> 'DELETE' then come := tsvector_to_array(new.search) || new.features; end if;
    execute format(
      'insert into %I.knowledge_terms as known (term, entries)
        select term, sum(change) from (
          select unnest($1) as term, -1 as change union all select unnest($2), 1
        ) changes group by term having sum(change) <> 0 order by term
        on conflict (term) do update set entries = known.entries + excluded.entries',
      tg_table_schema) using gone, come;
    execute format('delete from %I.knowledge_terms where term = any ($1) and entries <= 0', tg_table_schema) using gone;
    return null;
  end $$`,
  `create trigger knowledge_counts_terms after insert or update or delete on knowledge
    for each row execute function count_knowledge_terms()`,

  // A trusted extension since PostgreSQL 13; what a managed server may still refuse is no reason not to start.
  `do $$
  begin
    create extension if not exists pg_trgm;
    create index knowledge_by_trigrams on knowledge using gin (headline gin_trgm_ops);
  exception when others then
    raise notice 'similar incidents without trigrams: %', sqlerrm;
  end $$`,
];
