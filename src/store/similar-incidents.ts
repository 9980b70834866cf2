import { type RawBuilder, sql } from 'kysely';
import { type Candidate, rankSimilar, rarity } from '../analysis/similarity/rank-similar.ts';
import { featuresOf } from '../analysis/similarity/shape-features.ts';
import type { IncidentShape, Lesson, SimilarIncidents, SimilarQuery } from '../domain/past-incident.ts';
import type { Db } from './session.ts';
import { toJsonb } from './storable.ts';

const mostText = 6_000;
/** Trigrams of long texts are slow to compare, and tell less: the first words of both are enough. */
const mostHeadline = 160;
/** A person's few words may be misspelt; a long text has enough other words to be found by. */
const mostMisspelt = 100;
/** Of each way; more would only be sorted out again. */
const mostFound = 50;
/** Rows that the words asked for may touch together: the rarest words first, as many as fit. */
const mostTouched = 1_500;
const mostAsked = 32;

interface Term {
  readonly term: string;
  readonly entries: number;
  readonly kind: 'word' | 'feature';
}

/**
 * Past incidents by three ways at once: words, parts of words, shape of the evidence. The database finds who comes into
 * question, and `rankSimilar` judges them.
 */
export async function findSimilar(db: Db, query: SimilarQuery, limit: number): Promise<SimilarIncidents> {
  const text = query.text.slice(0, mostText);
  const features = query.shape === null ? [] : featuresOf(query.shape).map((feature) => feature.key);
  const { entries, trigrams, terms } = await weighTerms(db, text, features);
  const excluded = query.exclude ?? '';
  if (entries === 0) return { compared: 0, hits: [] };
  const words = terms.filter((one) => one.kind === 'word');
  const found = await findCandidates(db, {
    words: selective(words, entries),
    features: selective(
      terms.filter((one) => one.kind === 'feature'),
      entries,
    ),
    all: words.map((one) => one.term),
    headline: text.slice(0, mostHeadline),
    misspelt: query.shape === null && text.length <= mostMisspelt,
    trigrams,
    excluded,
  });
  const hits = rankSimilar(
    query,
    words.map((one) => one.term),
    found,
    { entries, of: new Map(terms.map((one) => [one.term, one.entries])) },
    limit,
  );
  const own = await db
    .selectFrom('knowledge')
    .select('incidentId')
    .where('incidentId', '=', excluded)
    .executeTakeFirst();
  return { compared: entries - (own === undefined ? 0 : 1), hits };
}

/** Whether the database can compare parts of words. */
export async function hasTrigrams(db: Db): Promise<boolean> {
  const { rows } = await sql<{ has: boolean }>`select ${trigramsThere} as has`.execute(db);
  return rows[0]?.has === true;
}

/** For an operator. */
export const withoutTrigrams =
  'similar incidents are found without parts of words: pg_trgm is missing (as an owner: create extension pg_trgm)';

const trigramsThere = sql<boolean>`to_regprocedure('word_similarity(text,text)') is not null`;

async function weighTerms(
  db: Db,
  text: string,
  features: readonly string[],
): Promise<{ entries: number; trigrams: boolean; terms: Term[] }> {
  const { rows } = await sql<{ entries: number; trigrams: boolean; terms: Term[] }>`
    with asked as (
      select term, 'word' as kind from unnest(tsvector_to_array(knowledge_search(${text}))) as term
      union all
      select term, 'feature' from jsonb_array_elements_text(${toJsonb(features)}::jsonb) as term
    )
    select
      (select count(*)::integer from knowledge) as entries,
      ${trigramsThere} as trigrams,
      (select coalesce(jsonb_agg(jsonb_build_object(
          'term', asked.term, 'kind', asked.kind, 'entries', coalesce(known.entries, 0)) order by asked.term), '[]')
        from asked left join knowledge_terms known on known.term = asked.term) as terms`.execute(db);
  const [row] = rows;
  return row ?? { entries: 0, trigrams: false, terms: [] };
}

/** The rarest that past incidents have at all; common ones would find everything, slowly. */
function selective(terms: readonly Term[], entries: number): { term: string; weight: number }[] {
  const chosen: { term: string; weight: number }[] = [];
  let touched = 0;
  for (const { term, entries: count } of terms.toSorted(
    (a, b) => a.entries - b.entries || (a.term < b.term ? -1 : 1),
  )) {
    if (count <= 0) continue;
    touched += count;
    if (chosen.length > 0 && (touched > mostTouched || chosen.length >= mostAsked)) break;
    chosen.push({ term, weight: rarity(count, entries) });
  }
  return chosen;
}

interface Ways {
  readonly words: readonly { term: string; weight: number }[];
  readonly features: readonly { term: string; weight: number }[];
  readonly all: readonly string[];
  readonly headline: string;
  readonly misspelt: boolean;
  readonly trigrams: boolean;
  readonly excluded: string;
}

interface Row extends Omit<Candidate, 'at'> {
  readonly shape: IncidentShape | null;
  readonly lesson: Lesson | null;
  readonly at: Date;
}

async function findCandidates(db: Db, ways: Ways): Promise<Candidate[]> {
  const { headline, excluded } = ways;
  const routes: RawBuilder<unknown>[] = [];
  if (ways.words.length > 0)
    routes.push(sql`(select incident_id from knowledge, (select ${orQuery(ways.words)}::tsquery as query) asked
      where search @@ query and incident_id <> ${excluded}
      order by ts_rank(search, query) desc, at desc, incident_id limit ${mostFound})`);
  if (ways.features.length > 0)
    routes.push(sql`(select incident_id from knowledge
      where features && ${textArray(ways.features.map((one) => one.term))} and incident_id <> ${excluded}
      order by (select sum(weight) from jsonb_to_recordset(${toJsonb(ways.features)}::jsonb)
        as asked (term text, weight double precision) where asked.term = any (features)) desc, at desc, incident_id
      limit ${mostFound})`);
  if (ways.trigrams && ways.misspelt && headline !== '')
    routes.push(sql`(select incident_id from knowledge
      where ${headline} <% headline and incident_id <> ${excluded}
      order by word_similarity(${headline}, headline) desc, at desc, incident_id limit ${mostFound})`);
  if (routes.length === 0) return [];
  const likeness = ways.trigrams
    ? ways.misspelt
      ? sql`word_similarity(${headline}, headline)::double precision`
      : sql`similarity(${headline}, left(headline, ${mostHeadline}))::double precision`
    : sql`null::double precision`;
  const { rows } = await sql<Row>`
    select incident_id, title, at, shape, lesson,
      array_to_json(array(
        select term from unnest(tsvector_to_array(search)) as term
        where term = any (${textArray(ways.all)}) order by term)) as terms,
      ${likeness} as trigrams
    from knowledge where incident_id in (${sql.join(routes, sql` union `)})`.execute(db);
  return rows;
}

/** An array by way of JSON: drivers differ in what they make of arrays. */
function textArray(texts: readonly string[]): RawBuilder<string[]> {
  return sql`array(select jsonb_array_elements_text(${toJsonb(texts)}::jsonb))`;
}

/** Any of the words; quoted, so that none of them is an operator. */
function orQuery(words: readonly { term: string }[]): string {
  return words.map(({ term }) => `'${term.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`).join(' | ');
}
