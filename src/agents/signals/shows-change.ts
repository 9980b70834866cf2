import type { Change } from '../../ports/change-source.ts';
import type { LogLine } from '../../ports/log-source.ts';

/** "till-sharing", "pool.size", "openTills": what a sentence about the trouble seldom says by chance. */
const nameLike = /^[\p{L}\d]+(?:[-_.][\p{L}\d]+)+$|^\p{Ll}+\p{Lu}[\p{L}\d]*$/u;
const shortestName = 6;
/** "till-sharing is on", "till-sharing: now on". */
const mostBetween = 2;

/**
 * A service's own line names what was changed and, right after it, the value that it was changed to. Words that a change
 * shares with the trouble prove nothing: whoever tells of it may have read the trouble first.
 */
export function showsChange(lines: readonly LogLine[], { summary, after }: Change): boolean {
  const names = wordsOf(summary).filter((word) => word.length >= shortestName && nameLike.test(word));
  const value = after === null ? [] : wordsOf(after);
  if (names.length === 0 || value.length === 0) return false;
  return lines.some((line) => {
    const said = wordsOf(
      [line.message, ...Object.entries(line.fields).map(([key, value]) => `${key} ${String(value)}`)].join(
        ' ',
      ),
    );
    return said.some(
      (word, place) =>
        names.includes(word) &&
        Array.from({ length: mostBetween + 1 }, (_, gap) => place + 1 + gap).some((start) =>
          value.every((part, index) => said[start + index] === part),
        ),
    );
  });
}

function wordsOf(text: string): string[] {
  return text
    .split(/[^\p{L}\d._-]+/u)
    .map((word) => word.replace(/^[._-]+|(?<![._-])[._-]+$/g, ''))
    .filter((word) => word !== '');
}
