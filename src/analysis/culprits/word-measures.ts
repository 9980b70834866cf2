/** Words of one part of a commit, and how often each. */
export interface Field {
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

/** What is asked for: words with how often and how surely they stand in the text. */
export type Wanted = ReadonlyMap<string, { readonly weight: number; readonly count: number }>;
export type Rarity = (word: string) => number;

export function fieldOf(counts: ReadonlyMap<string, number>): Field {
  let length = 0;
  for (const times of counts.values()) length += times;
  return { counts, length };
}

export function countInto(counts: Map<string, number>, words: Iterable<string>, times = 1): void {
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + times);
}

/** The fewer of the documents have a word, the more it tells. */
export function rarityOver(documents: readonly ReadonlySet<string>[]): Rarity {
  const frequency = new Map<string, number>();
  for (const document of documents) countInto(frequency, document);
  return (word) => {
    const known = frequency.get(word) ?? 0;
    return Math.log(1 + (documents.length - known + 0.5) / (known + 0.5));
  };
}

const saturation = 2;
const lengthShare = 0.9;

export interface FieldMatch {
  readonly score: number;
  /** The words that made most of it. */
  readonly words: readonly string[];
}

/** BM25: how much of what is asked for each field has. */
export function matchFields(fields: readonly Field[], wanted: Wanted, rarity: Rarity): FieldMatch[] {
  const mean = fields.reduce((sum, field) => sum + field.length, 0) / Math.max(1, fields.length);
  return fields.map((field) => {
    const hits: { word: string; score: number }[] = [];
    const usual = saturation * (1 - lengthShare + (lengthShare * field.length) / Math.max(mean, 1));
    for (const [word, { count, weight }] of wanted) {
      const times = field.counts.get(word) ?? 0;
      if (times === 0) continue;
      const frequency = (times * (saturation + 1)) / (times + usual);
      hits.push({ word, score: rarity(word) * frequency * ((count * 2) / (count + 1)) * weight });
    }
    hits.sort((a, b) => b.score - a.score);
    return {
      score: hits.reduce((sum, hit) => sum + hit.score, 0),
      words: hits.slice(0, 3).map((hit) => hit.word),
    };
  });
}

/** How much of what each field says is asked for: a commit that speaks of little else than the text, however short. */
export function shareOfFields(fields: readonly Field[], wanted: Wanted, rarity: Rarity): number[] {
  return fields.map((field) => {
    let met = 0;
    let squares = 0;
    for (const [word, times] of field.counts) {
      const weight = (1 + Math.log(times)) * rarity(word);
      squares += weight * weight;
      const asked = wanted.get(word);
      if (asked !== undefined) met += weight * (1 + Math.log(asked.count)) * asked.weight * rarity(word);
    }
    return squares === 0 ? 0 : met / Math.sqrt(squares);
  });
}
