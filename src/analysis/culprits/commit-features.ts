import type { CommitDocument } from './commit-document.ts';
import { isTelling, type TroubleText } from './read-trouble-text.ts';
import { tokenize } from './tokenize.ts';

export const featureNames = [
  'content',
  'message',
  'subject',
  'paths',
  'functions',
  'namesAdded',
  'namesTouched',
  'file',
  'frame',
  'near',
  'line',
  'lineMean',
  'area',
  'size',
  'repair',
] as const;
export type FeatureName = (typeof featureNames)[number];

export interface CommitFeatures {
  readonly values: Readonly<Record<FeatureName, number>>;
  /** What matched, for the reasons. */
  readonly found: Readonly<Partial<Record<FeatureName, readonly string[]>>>;
}

interface Field {
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

interface Read {
  readonly document: CommitDocument;
  readonly content: Field;
  readonly message: Field;
  readonly subject: Field;
  readonly paths: Field;
  readonly functions: Field;
  readonly all: ReadonlySet<string>;
  readonly namesAdded: ReadonlySet<string>;
  readonly namesRemoved: ReadonlySet<string>;
  readonly namesAround: ReadonlySet<string>;
}

/** How each commit meets the text, feature by feature, each on a scale that holds for any repository. Oldest first. */
export function readFeatures(documents: readonly CommitDocument[], text: TroubleText): CommitFeatures[] {
  const reads = documents.map(read);
  const rarity = rarityOver(reads.map((one) => one.all));
  const nameRarity = rarityOver(
    reads.map((one) => new Set([...one.namesAdded, ...one.namesRemoved, ...one.namesAround])),
  );
  const pathRarity = rarityOver(reads.map((one) => new Set(one.document.files.map((file) => file.path))));
  const fields = ['content', 'message', 'subject', 'paths', 'functions'] as const;
  const ranked = Object.fromEntries(
    fields.map((field) => [
      field,
      matchField(
        reads.map((one) => one[field]),
        text,
        rarity,
      ),
    ]),
  ) as Record<(typeof fields)[number], { score: number; words: string[] }[]>;
  const drift = driftOver(documents, text);
  const raw = reads.map((one, index) => {
    const added = matchNames(one.namesAdded, text, nameRarity);
    const touched = matchNames(one.namesAround, text, nameRarity);
    const placed = matchPlaces(one, text, pathRarity, nameRarity, drift[index] ?? []);
    const line = matchLine(one.all, text, rarity);
    const area = matchArea(one, text, rarity);
    const lines = one.document.files.reduce((sum, file) => sum + file.addedLines + file.removedLines, 0);
    const values: Record<FeatureName, number> = {
      content: ranked.content[index]?.score ?? 0,
      message: ranked.message[index]?.score ?? 0,
      subject: ranked.subject[index]?.score ?? 0,
      paths: ranked.paths[index]?.score ?? 0,
      functions: ranked.functions[index]?.score ?? 0,
      namesAdded: added.score,
      namesTouched: touched.score,
      file: placed.file,
      frame: placed.frame,
      near: placed.near,
      line: line.best,
      lineMean: line.mean,
      area,
      size: Math.log1p(lines) / 5,
      repair: /\b(?:fix|revert|repair|correct)/i.test(one.document.subject) ? 1 : 0,
    };
    const found: Partial<Record<FeatureName, readonly string[]>> = {
      content: ranked.content[index]?.words ?? [],
      message: ranked.message[index]?.words ?? [],
      namesAdded: added.names,
      namesTouched: touched.names,
      file: placed.files,
      frame: placed.frames,
    };
    return { values, found };
  });
  // Relative to the best of the same incident: how many words a text has must not matter.
  const relative = [
    'content',
    'message',
    'subject',
    'paths',
    'functions',
    'namesAdded',
    'namesTouched',
  ] as const;
  for (const name of relative) {
    const most = Math.max(...raw.map((one) => one.values[name]), 0);
    const floor = name.startsWith('names') ? 2 : 8;
    for (const one of raw) one.values[name] /= Math.max(most, floor);
  }
  return raw;
}

function read(document: CommitDocument): Read {
  const content = new Map<string, number>();
  const count = (into: Map<string, number>, words: readonly string[], times = 1): void => {
    for (const word of words) into.set(word, (into.get(word) ?? 0) + times);
  };
  for (const names of [document.added, document.removed])
    for (const [name, times] of names) count(content, tokenize(name), times);
  const subject = new Map<string, number>();
  count(subject, tokenize(document.subject));
  const message = new Map<string, number>(subject);
  count(message, tokenize(document.body.slice(0, 20_000)));
  const paths = new Map<string, number>();
  for (const file of document.files) count(paths, tokenize(file.path.replace(/\.\w+$/, '')));
  const functions = new Map<string, number>();
  const around = new Set<string>();
  for (const hunk of document.hunks) {
    count(functions, tokenize(hunk.around.join(' ')));
    for (const name of hunk.around) around.add(name);
  }
  return {
    document,
    content: fieldOf(content),
    message: fieldOf(message),
    subject: fieldOf(subject),
    paths: fieldOf(paths),
    functions: fieldOf(functions),
    all: new Set([...content.keys(), ...message.keys(), ...paths.keys(), ...functions.keys()]),
    namesAdded: new Set([...document.added.keys()].filter(isTelling)),
    namesRemoved: new Set([...document.removed.keys()].filter(isTelling)),
    namesAround: new Set([...around].filter(isTelling)),
  };
}

function fieldOf(counts: ReadonlyMap<string, number>): Field {
  return { counts, length: [...counts.values()].reduce((sum, one) => sum + one, 0) };
}

function rarityOver(sets: readonly ReadonlySet<string>[]): (word: string) => number {
  const frequency = new Map<string, number>();
  for (const set of sets) for (const word of set) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  return (word) =>
    Math.log(1 + (sets.length - (frequency.get(word) ?? 0) + 0.5) / ((frequency.get(word) ?? 0) + 0.5));
}

/** BM25 of one field. */
function matchField(
  fields: readonly Field[],
  text: TroubleText,
  rarity: (word: string) => number,
): { score: number; words: string[] }[] {
  const mean = fields.reduce((sum, field) => sum + field.length, 0) / Math.max(1, fields.length);
  return fields.map((field) => {
    const hits: { word: string; score: number }[] = [];
    for (const [word, wanted] of text.words) {
      const times = field.counts.get(word) ?? 0;
      if (times === 0) continue;
      const frequency = (times * 3) / (times + 2 * (0.1 + (0.9 * field.length) / Math.max(mean, 1)));
      const asked = (wanted.count * 2) / (wanted.count + 1);
      hits.push({ word, score: rarity(word) * frequency * asked * wanted.weight });
    }
    hits.sort((a, b) => b.score - a.score);
    return {
      score: hits.reduce((sum, hit) => sum + hit.score, 0),
      words: hits.slice(0, 3).map((hit) => hit.word),
    };
  });
}

function matchNames(
  names: ReadonlySet<string>,
  text: TroubleText,
  rarity: (word: string) => number,
): { score: number; names: string[] } {
  const hits = [...text.names]
    .filter(([name]) => names.has(name))
    .map(([name, weight]) => ({ name, score: weight * rarity(name) }))
    .toSorted((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  return {
    score: hits.slice(0, 6).reduce((sum, hit) => sum + hit.score, 0),
    names: hits.slice(0, 3).map((hit) => hit.name),
  };
}

function matchPlaces(
  one: Read,
  text: TroubleText,
  pathRarity: (path: string) => number,
  nameRarity: (name: string) => number,
  lines: readonly (number | null)[],
): { file: number; frame: number; near: number; files: string[]; frames: string[] } {
  let file = 0;
  let frame = 0;
  let near = 0;
  const files = new Set<string>();
  const frames = new Set<string>();
  for (const [at, { path, functions, order }] of text.places.entries()) {
    const line = lines[at] ?? null;
    const fade = 0.5 + 0.5 * 0.8 ** order;
    for (const touched of one.document.files) {
      const fit = samePath(touched.path, path);
      if (fit === 0) continue;
      const weight = (fit * fade * pathRarity(touched.path)) / 4;
      if (weight > file) file = weight;
      files.add(touched.path);
      for (const hunk of one.document.hunks) {
        if (hunk.path !== touched.path) continue;
        const name = functions.find((wanted) => hunk.around.includes(wanted) && nameRarity(wanted) > 0.5);
        if (name !== undefined) {
          frames.add(`${name} in ${touched.path}`);
          frame = Math.max(frame, fade * fit);
        }
        if (line !== null) {
          const away = Math.max(0, hunk.newStart - line, line - hunk.newStart - hunk.newLength);
          near = Math.max(near, fade * fit * Math.exp(-away / 15));
        }
      }
    }
  }
  return { file, frame, near, files: [...files].slice(0, 2), frames: [...frames].slice(0, 2) };
}

/** Where each named line stood right after each commit: later commits moved it. */
function driftOver(documents: readonly CommitDocument[], text: TroubleText): (number | null)[][] {
  let lines = text.places.map((one) => one.line);
  const drift: (number | null)[][] = [];
  for (const document of documents.toReversed()) {
    drift.push(lines);
    lines = lines.map((line, at) => {
      const path = text.places[at]?.path ?? '';
      if (line === null) return null;
      let before = line;
      for (const hunk of document.hunks)
        if (samePath(hunk.path, path) > 0 && hunk.newStart + hunk.newLength <= line)
          before -= hunk.newLength - hunk.oldLength;
      return Math.max(1, before);
    });
  }
  return drift.toReversed();
}

/** 1 for the same path from some folder on, 0.7 for the same file name alone. */
function samePath(touched: string, named: string): number {
  if (touched === named || touched.endsWith(`/${named}`) || named.endsWith(`/${touched}`))
    return named.includes('/') ? 1 : 0.85;
  const a = touched.split('/').at(-1);
  return a === named.split('/').at(-1) ? 0.7 : 0;
}

/** The most that the commit holds of one line, for how rare the line's words are; and the same over all lines. */
function matchLine(
  words: ReadonlySet<string>,
  text: TroubleText,
  rarity: (word: string) => number,
): { best: number; mean: number } {
  let best = 0;
  let sum = 0;
  let weights = 0;
  for (const line of text.lines) {
    let all = 0;
    let held = 0;
    for (const word of line.words) {
      const weight = rarity(word);
      all += weight;
      if (words.has(word)) held += weight;
    }
    if (all === 0) continue;
    const score = line.weight * (held / all) * (held / (held + 8));
    best = Math.max(best, score);
    sum += score * line.weight;
    weights += line.weight;
  }
  return { best, mean: weights === 0 ? 0 : sum / weights };
}

function matchArea(one: Read, text: TroubleText, rarity: (word: string) => number): number {
  let all = 0;
  let held = 0;
  for (const word of text.areas) {
    all += rarity(word);
    if (one.paths.counts.has(word) || one.subject.counts.has(word)) held += rarity(word);
  }
  return all === 0 ? 0 : held / all;
}
