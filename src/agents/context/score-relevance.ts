import { tokenize } from '../../analysis/culprits/tokenize.ts';

const mostWords = 40;

/** What is told of the trouble as words, the most frequent first. */
export function queryWords(about: string): string[] {
  const counts = new Map<string, number>();
  for (const word of tokenize(about)) if (word.length > 2) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, mostWords)
    .map(([word]) => word);
}

/** 0–1 for each text: which of the words it has, a rare word counting more than one that stands everywhere. */
export function scoreRelevance(words: readonly string[], texts: readonly string[]): number[] {
  const lower = texts.map((text) => text.toLowerCase());
  const scores = lower.map(() => 0);
  let most = 0;
  for (const word of words) {
    const has = lower.map((text) => text.includes(word));
    const count = has.filter(Boolean).length;
    const weight = Math.log(1 + texts.length / (1 + count));
    most += count > 0 ? weight : 0;
    for (const [index, there] of has.entries()) if (there) scores[index] = (scores[index] ?? 0) + weight;
  }
  return scores.map((score) => (most === 0 ? 0 : Number((score / most).toFixed(4))));
}
