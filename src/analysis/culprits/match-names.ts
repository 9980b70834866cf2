import { saturate } from '../series/robust-statistics.ts';
import { type CandidateCommit, canMatter, type Part } from './candidate-commit.ts';
import { changedLines } from './code-traits.ts';
import type { SourceIndex } from './source-index.ts';
import type { Symptoms } from './symptoms.ts';
import { tokenize } from './tokenize.ts';

/** Rare words count: rarity over the candidates and over the files of the repository. */
export function weighWords(
  commits: readonly CandidateCommit[],
  source: SourceIndex,
): (token: string) => number {
  const documents = [
    ...commits.map((commit) => commitTokens(commit)),
    ...[...source.byPath.keys()].map((path) => new Set(tokenize(source.files.get(path)?.join('\n') ?? ''))),
  ];
  const frequency = new Map<string, number>();
  for (const document of documents)
    for (const token of document) frequency.set(token, (frequency.get(token) ?? 0) + 1);
  return (token) => Math.max(0, Math.log((documents.length + 1) / ((frequency.get(token) ?? 0) + 0.5)));
}

function commitTokens(commit: CandidateCommit): Set<string> {
  const tokens = new Set<string>();
  const add = (text: string): void => {
    for (const token of tokenize(text)) tokens.add(token);
  };
  add(commit.subject);
  add(commit.body.slice(0, 2000));
  for (const file of commit.files) {
    if (!canMatter(file)) continue;
    add(file.path.replace(/\.\w+$/, ''));
    const lines = changedLines(file);
    add([...lines.added, ...lines.removed].join('\n').slice(0, 20_000));
    for (const hunk of file.hunks) add(hunk.context);
  }
  return tokens;
}

/** An identifier that the commit took away or brought in and that an error text names, letter by letter. */
export function matchNames(
  commit: CandidateCommit,
  symptoms: Symptoms,
  rarityOf: (token: string) => number,
): Part {
  const errors = new Map<string, number>();
  for (const text of symptoms.texts)
    for (const [word] of text.text.matchAll(/[A-Za-z_$][\w$]{2,}/g))
      errors.set(word, Math.max(errors.get(word) ?? 0, text.weight));
  // `reading 'id'`: what stands in quotes is a name, however short and common.
  const quoted = new Set(
    symptoms.texts.flatMap((text) =>
      [...text.text.matchAll(/['"`]([A-Za-z_$][\w$]+)['"`]/g)].map((match) => match[1] ?? ''),
    ),
  );
  for (const word of quoted) errors.set(word, Math.max(errors.get(word) ?? 0, 0.8));
  let best: Part = { weight: 0, reason: null };
  for (const file of commit.files) {
    if (!canMatter(file)) continue;
    const lines = changedLines(file);
    const [gone, come] = [identifiersIn(lines.removed), identifiersIn(lines.added)];
    const [keysGone, keysCome] = [keysIn(lines.removed), keysIn(lines.added)];
    const consider = (word: string, verb: string, share: number): void => {
      const known = errors.get(word);
      if (known === undefined) return;
      const rarity = quoted.has(word) ? 0.7 : saturate(rarityOf(tokenize(word)[0] ?? word), 1);
      const weight = known * share * rarity;
      if (weight > best.weight) best = { weight, reason: `${verb} \`${word}\`, which the error names` };
    };
    for (const word of gone) if (!come.has(word)) consider(word, 'removes', 1);
    for (const word of keysGone) if (!keysCome.has(word)) consider(word, 'renames or removes the field', 1);
    for (const word of come) if (!gone.has(word)) consider(word, 'brings in', 0.8);
  }
  return best;
}

/** Names of fields as object literals, keyword arguments and data files write them. */
function keysIn(lines: readonly string[]): Set<string> {
  return new Set(
    [...lines.join('\n').matchAll(/(?<![\w$])["']?([A-Za-z_$][\w$]+)["']?\s*[:=](?![:=])/g)].map(
      (match) => match[1] ?? '',
    ),
  );
}

function identifiersIn(lines: readonly string[]): Set<string> {
  const code = lines.map((line) => line.replace(/^\s*(?:\/\/|\*|#).*$/, ''));
  return new Set(code.join('\n').match(/[A-Za-z_$][\w$]{2,}/g) ?? []);
}
