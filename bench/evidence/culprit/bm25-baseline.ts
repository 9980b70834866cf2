import type { CulpritInput } from '../../../src/analysis/culprits/analyze-culprit.ts';

/** BM25 over everything that a commit says, a bonus for each of its files that the text names, a little recency. */
export function rankByBm25(input: CulpritInput): string[] {
  const text = `${input.error_text ?? ''}\n${input.report_text ?? ''}`;
  const query = new Set(wordsOf(text));
  const documents = input.candidates.map((one) => {
    const counts = new Map<string, number>();
    const add = (words: string, times = 1): void => {
      for (const word of wordsOf(words)) counts.set(word, (counts.get(word) ?? 0) + times);
    };
    add(`${one.subject} ${one.body ?? ''} ${one.files.map(([path]) => path).join(' ')}`);
    add(one.hunks.flatMap((hunk) => hunk[5]).join(' '));
    for (const names of [one.added_identifiers, one.removed_identifiers])
      for (const [name, times] of Object.entries(names)) add(name, times);
    const length = [...counts.values()].reduce((sum, times) => sum + times, 0);
    return { one, counts, length };
  });
  const mean = documents.reduce((sum, document) => sum + document.length, 0) / documents.length;
  const frequency = (word: string): number =>
    documents.filter((document) => document.counts.has(word)).length;
  const rarity = new Map(
    [...query].map((word) => {
      const known = frequency(word);
      return [word, Math.log(1 + (documents.length - known + 0.5) / (known + 0.5))] as const;
    }),
  );
  return documents
    .map(({ one, counts, length }, index) => {
      let score = 0;
      for (const [word, weight] of rarity) {
        const times = counts.get(word) ?? 0;
        score += (weight * times * 2.2) / (times + 1.2 * (0.25 + (0.75 * length) / mean));
      }
      const named = one.files.filter(([path]) => text.includes(path.split('/').at(-1) ?? path)).length;
      return { sha: one.sha, score: score + 3 * Math.min(2, named) + (0.5 * index) / documents.length };
    })
    .toSorted((a, b) => b.score - a.score)
    .map((one) => one.sha);
}

function wordsOf(text: string): string[] {
  return (text.match(/[A-Za-z_]\w{2,}/g) ?? []).flatMap((word) => {
    const parts = word.split(/_|(?<=[a-z])(?=[A-Z])/).filter((part) => part.length > 2);
    return (parts.length > 1 ? [word, ...parts] : [word]).map((part) => part.toLowerCase());
  });
}
