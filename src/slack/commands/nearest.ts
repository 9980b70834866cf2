/** The one of `known` that a mistyped word probably meant; null when none is near. */
export function nearest<Word extends string>(said: string, known: readonly Word[]): Word | null {
  const ranked = known
    .map((word) => ({ word, distance: word.startsWith(said) ? 0 : editDistance(said, word) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= 3 ? best.word : null;
}

/** Levenshtein, one row at a time; words are a few letters long. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
