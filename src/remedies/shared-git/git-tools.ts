import type { Tools } from '../tools.ts';

/** What acts on a repository. */
export type GitTools = Pick<Tools, 'source' | 'codeHost'>;

export const noCodeHost =
  'no code host is connected: set GITHUB_TOKEN, or the three GITHUB_APP_ variables, so that a change can be merged.';

/** Enough of a commit for people to find it. */
export function short(sha: string): string {
  return sha.slice(0, 7);
}

/** `1 commit`, `2 commits`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

const namedMax = 8;

/** A list as a sentence has it; the rest of a long one is counted. */
export function nameAll(names: readonly string[]): string {
  const rest = names.length - namedMax;
  const named = rest > 1 ? [...names.slice(0, namedMax), `${rest} more`] : names;
  return named.length < 2 ? (named[0] ?? '') : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`;
}
