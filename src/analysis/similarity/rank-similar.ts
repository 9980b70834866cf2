import type { IncidentShape, SimilarIncident, SimilarQuery } from '../../domain/past-incident.ts';
import { compareShapes } from './compare-shapes.ts';
import { featuresOf } from './shape-features.ts';

/** A past incident that one of the ways to it has found. */
export interface Candidate extends Pick<SimilarIncident, 'incidentId' | 'title' | 'at' | 'lesson'> {
  readonly shape: IncidentShape | null;
  /** Of the query's terms, those that stand in it. */
  readonly terms: readonly string[];
  /** 0–1; null where the database has no trigrams. */
  readonly trigrams: number | null;
}

/** How many of the past incidents have a term or a feature: what stands in all of them says nothing. */
export interface Frequencies {
  readonly entries: number;
  readonly of: ReadonlyMap<string, number>;
}

const weights = { shape: 0.55, words: 0.33, trigrams: 0.12 };
const weightsOfText = { words: 0.72, trigrams: 0.28 };
const strongFrom = 0.5;
const clearLead = 0.04;
const fairFrom = 0.34;
const fairTextFrom = 0.3;
const strongTextFrom = 0.6;
const weakFrom = 0.12;
/** Of a word that no past incident has: it speaks against likeness, but may be a name or a number. */
const weightOfUnknown = 0.3;

/** 1 for what is unique, towards 0 for what stands everywhere. Few past incidents say little about what is common. */
export function rarity(count: number, entries: number): number {
  return Math.max(0, 1 - Math.log(1 + count) / Math.log(52 + entries));
}

/**
 * Fuses the ways by weights over what both sides know. The same candidates in any order give the same list; what does not
 * resemble is not in it.
 */
export function rankSimilar(
  query: SimilarQuery,
  terms: readonly string[],
  candidates: readonly Candidate[],
  frequencies: Frequencies,
  limit: number,
): SimilarIncident[] {
  const weigh = (key: string): number => rarity(frequencies.of.get(key) ?? 0, frequencies.entries);
  const weightOfTerm = (term: string): number =>
    (frequencies.of.get(term) ?? 0) === 0 ? weightOfUnknown : weigh(term) ** 2;
  const asked = terms.reduce((sum, term) => sum + weightOfTerm(term), 0);
  const { shape } = query;
  const shaped = shape !== null && featuresOf(shape).length > 0;
  const ranked = candidates
    .filter((candidate) => candidate.incidentId !== query.exclude)
    .map((candidate): Ranked => {
      const shared = candidate.terms.reduce((sum, term) => sum + weightOfTerm(term), 0);
      const words = asked === 0 ? 0 : Math.min(1, shared / asked);
      const compared =
        !shaped || candidate.shape === null ? null : compareShapes(shape, candidate.shape, weigh);
      const parts = { words, trigrams: candidate.trigrams, shape: compared?.score ?? null };
      const { incidentId, title, at, lesson } = candidate;
      const score = round(fuse(parts, shaped));
      return {
        telling: !shaped || compared?.telling === true,
        lastly: lastlyOf(candidate),
        hit: {
          incidentId,
          title,
          at,
          lesson,
          score,
          likeness: score >= (shaped ? fairFrom : fairTextFrom) ? 'fair' : 'weak',
          parts: {
            words: round(words),
            trigrams: candidate.trigrams === null ? null : round(candidate.trigrams),
            shape: compared === null ? null : round(compared.score),
          },
          why: [...(compared?.why ?? []), ...sayWords(candidate.terms, weightOfTerm)].slice(0, 5),
        },
      };
    })
    .filter(({ hit }) => hit.score >= weakFrom)
    .toSorted(
      ({ hit: a }, { hit: b }) =>
        b.score - a.score || b.at.getTime() - a.at.getTime() || (a.incidentId < b.incidentId ? -1 : 1),
    );
  return ranked
    .slice(0, limit)
    .map(({ hit }, place) =>
      isStrong(ranked, place, shaped ? strongFrom : strongTextFrom) ? { ...hit, likeness: 'strong' } : hit,
    );
}

interface Ranked {
  readonly hit: SimilarIncident;
  readonly telling: boolean;
  /** What it came to: two incidents that came to the same do not contradict each other. */
  readonly lastly: string;
}

/** Much alike, with a trace in common, and nothing that came to something else is nearly as much alike. */
function isStrong(ranked: readonly Ranked[], place: number, from: number): boolean {
  const own = ranked[place];
  if (own === undefined || own.hit.score < from || !own.telling) return false;
  return ranked.every(
    (other) => other === own || other.lastly === own.lastly || other.hit.score <= own.hit.score - clearLead,
  );
}

function lastlyOf({ lesson, shape }: Candidate): string {
  const helped = lesson?.remedies.filter((one) => one.became === 'helped').map((one) => one.kind) ?? [];
  return JSON.stringify([lesson?.service ?? null, helped, shape?.changes ?? [], shape?.settings ?? []]);
}

function fuse(parts: SimilarIncident['parts'], shaped: boolean): number {
  const { words, trigrams, shape } = parts;
  const used = shaped ? weights : { ...weightsOfText, shape: 0 };
  // A past incident without a shape is compared by its words, and never passes for more than that.
  const known = [
    { value: words, weight: used.words },
    { value: shape ?? 0, weight: used.shape },
    ...(trigrams === null ? [] : [{ value: trigrams, weight: used.trigrams }]),
  ];
  const total = known.reduce((sum, one) => sum + one.weight, 0);
  return known.reduce((sum, one) => sum + one.value * one.weight, 0) / total;
}

const tellingWord = 0.2;
const mostWords = 4;

function sayWords(terms: readonly string[], weightOf: (term: string) => number): string[] {
  const rare = terms
    .filter((term) => /^\p{L}[\p{L}\p{N}]{2,}$/u.test(term) && weightOf(term) >= tellingWord)
    .toSorted((a, b) => weightOf(b) - weightOf(a) || (a < b ? -1 : 1))
    // A word stands in the index as it is written and as its stem.
    .filter(
      (term, at, all) =>
        !all.some(
          (other, there) =>
            other !== term && other.startsWith(term) && (there < at || weightOf(other) === weightOf(term)),
        ),
    )
    .slice(0, mostWords);
  return rare.length === 0 ? [] : [`same words: ${rare.join(', ')}`];
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
