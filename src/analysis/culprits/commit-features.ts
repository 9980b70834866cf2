import { classifyFile } from './classify-file.ts';
import type { CommitDocument } from './commit-document.ts';
import { driftOver, matchPlaces } from './match-places.ts';
import { gainOf, type ReadCommit, readCommit } from './read-commit.ts';
import type { TroubleText } from './read-trouble-text.ts';
import { tokenize } from './tokenize.ts';
import { tellingShare } from './trouble-words.ts';
import {
  type Field,
  matchFields,
  type Rarity,
  rarityOver,
  shareOfFields,
  type Wanted,
} from './word-measures.ts';

/**
 * Words and names that a commit brings in, or talks of, or works beside; places that it changes; how large it is. Each is
 * on a scale that holds for any repository.
 */
export const featureNames = [
  'brought',
  'prose',
  'code',
  'message',
  'subject',
  'paths',
  'pathShare',
  'functions',
  'share',
  'line',
  'lineMean',
  'namesBrought',
  'namesMoved',
  'namesTouched',
  'quoted',
  'file',
  'frame',
  'near',
  'area',
  'size',
  'growth',
  'repair',
  'tidying',
] as const;
export type FeatureName = (typeof featureNames)[number];

export interface CommitFeatures {
  readonly values: Readonly<Record<FeatureName, number>>;
  /** What matched, for the reasons. */
  readonly found: Readonly<
    Partial<Record<'content' | 'message' | 'names' | 'namesTouched' | 'file' | 'frame', readonly string[]>>
  >;
}

const repairs = /\b(?:fix|revert|repair|correct)/i;
const tidies =
  /\b(?:rename|refactor|clean ?up|style|typo|bump|release|docs?|document|comment|spelling|format|lint|tests?|ci|copyright|changelog|news)\b/i;
/** A score below is held against this, not against the best of the incident: little in common stays little. */
const leastMost = { words: 8, share: 1, names: 2, line: 0.1, lineMean: 0.07 };
const mostNames = 6;

/** How each commit meets the text, feature by feature. Oldest first. */
export function readFeatures(documents: readonly CommitDocument[], text: TroubleText): CommitFeatures[] {
  const reads = documents.map(readCommit);
  const rarity = rarityOver(reads.map((one) => new Set(one.whole.counts.keys())));
  const telling: Rarity = (word) => rarity(word) * tellingShare(word);
  const nameRarity = rarityOver(reads.map((one) => one.names));
  const pathRarity = rarityOver(reads.map((one) => new Set(one.document.files.map((file) => file.path))));
  const { code, prose } = splitWords(text);
  const match = (field: (read: ReadCommit) => Field, wanted: Wanted, by: Rarity) =>
    matchFields(reads.map(field), wanted, by);
  const scores = (matches: readonly { readonly score: number }[]) => matches.map((one) => one.score);
  const content = match((one) => one.content, text.words, rarity);
  const message = match((one) => one.message, text.words, rarity);
  const drift = driftOver(documents, text.places);
  const places = reads.map(({ document }, index) =>
    matchPlaces(document, text.places, drift[index] ?? [], { path: pathRarity, name: nameRarity }),
  );
  const lines = reads.map((one) => matchLines(one.whole, text, telling));
  const names = reads.map((one) => ({
    brought: matchNames(text.names, nameRarity, (name) => gainOf(one.document, name) > 0),
    moved: matchNames(
      text.names,
      nameRarity,
      (name) => one.document.removed.has(name) && gainOf(one.document, name) === 0,
    ),
    touched: matchNames(text.names, nameRarity, (name) => one.namesAround.has(name)),
    quoted: matchNames(text.quoted, nameRarity, (name) => one.names.has(name)),
  }));
  const { words, share, names: leastNames, line, lineMean } = leastMost;
  const columns: Readonly<Record<FeatureName, readonly number[]>> = {
    brought: relative(scores(match((one) => one.brought, text.words, rarity)), words),
    prose: relative(scores(match((one) => one.added, prose, telling)), words),
    code: relative(scores(match((one) => one.brought, code, rarity)), words),
    message: relative(scores(message), words),
    subject: relative(scores(match((one) => one.subject, text.words, rarity)), words),
    paths: relative(scores(match((one) => one.paths, text.words, rarity)), words),
    pathShare: relative(
      shareOfFields(
        reads.map((one) => one.paths),
        text.words,
        rarity,
      ),
      share,
    ),
    functions: relative(scores(match((one) => one.functions, text.words, rarity)), words),
    share: relative(
      shareOfFields(
        reads.map((one) => one.whole),
        text.words,
        telling,
      ),
      share,
    ),
    line: relative(
      lines.map((one) => one.best),
      line,
    ),
    lineMean: relative(
      lines.map((one) => one.mean),
      lineMean,
    ),
    namesBrought: relative(
      names.map((one) => one.brought.score),
      leastNames,
    ),
    namesMoved: relative(
      names.map((one) => one.moved.score),
      leastNames,
    ),
    namesTouched: relative(
      names.map((one) => one.touched.score),
      leastNames,
    ),
    quoted: relative(
      names.map((one) => one.quoted.score),
      leastNames,
    ),
    file: places.map((one) => one.file),
    frame: places.map((one) => one.frame),
    near: places.map((one) => one.near),
    area: reads.map((one) => matchArea(one, text, rarity)),
    size: reads.map(({ document }) => Math.log1p(linesOf(document)) / 5),
    growth: reads.map(({ document }) => Math.log1p(newCodeOf(document)) / 5),
    repair: reads.map(({ document }) => (repairs.test(document.subject) ? 1 : 0)),
    tidying: reads.map(({ document }) => (tidies.test(document.subject) ? 1 : 0)),
  };
  return reads.map((_, index) => ({
    values: Object.fromEntries(featureNames.map((name) => [name, columns[name][index] ?? 0])) as Record<
      FeatureName,
      number
    >,
    found: {
      content: content[index]?.words ?? [],
      message: message[index]?.words ?? [],
      names: names[index]?.brought.names ?? [],
      namesTouched: names[index]?.touched.names ?? [],
      file: places[index]?.files ?? [],
      frame: places[index]?.frames ?? [],
    },
  }));
}

/** Words that stand in names somebody coined, and those that are plain language: the one tells of code, the other of what it says. */
function splitWords(text: TroubleText): { code: Wanted; prose: Wanted } {
  const inNames = new Set([...text.names.keys()].flatMap(tokenize));
  const entries = [...text.words];
  return {
    code: new Map(entries.filter(([word]) => inNames.has(word))),
    prose: new Map(entries.filter(([word]) => !inNames.has(word))),
  };
}

/** Against the best of the same incident: how many words a text has must not matter. */
function relative(values: readonly number[], least: number): number[] {
  const most = values.reduce((largest, value) => Math.max(largest, value), least);
  return values.map((value) => value / most);
}

function matchNames(
  wanted: ReadonlyMap<string, number>,
  rarity: Rarity,
  has: (name: string) => boolean,
): { score: number; names: string[] } {
  const hits = [...wanted]
    .filter(([name]) => has(name))
    .map(([name, weight]) => ({ name, score: weight * rarity(name) }))
    .toSorted((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  return {
    score: hits.slice(0, mostNames).reduce((sum, hit) => sum + hit.score, 0),
    names: hits.slice(0, 3).map((hit) => hit.name),
  };
}

/** The most that the commit holds of one line, for how rare the line's words are; and the same over all lines. */
function matchLines(whole: Field, text: TroubleText, rarity: Rarity): { best: number; mean: number } {
  let best = 0;
  let sum = 0;
  let weights = 0;
  for (const line of text.lines) {
    let all = 0;
    let held = 0;
    for (const word of line.words) {
      const weight = rarity(word);
      all += weight;
      if (whole.counts.has(word)) held += weight;
    }
    if (all === 0) continue;
    const score = line.weight * (held / all) * (held / (held + 8));
    best = Math.max(best, score);
    sum += score * line.weight;
    weights += line.weight;
  }
  return { best, mean: weights === 0 ? 0 : sum / weights };
}

function matchArea(one: ReadCommit, text: TroubleText, rarity: Rarity): number {
  let all = 0;
  let held = 0;
  for (const word of text.areas) {
    all += rarity(word);
    if (one.paths.counts.has(word) || one.subject.counts.has(word)) held += rarity(word);
  }
  return all === 0 ? 0 : held / all;
}

function linesOf({ files }: CommitDocument): number {
  return files.reduce((sum, file) => sum + file.addedLines + file.removedLines, 0);
}

function newCodeOf({ files }: CommitDocument): number {
  return files.reduce((sum, file) => sum + (classifyFile(file.path) === 'source' ? file.addedLines : 0), 0);
}
