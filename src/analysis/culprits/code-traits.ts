import type { DiffFile } from './parse-diff.ts';
import type { TroubleKind } from './symptoms.ts';
import { traitRules } from './trait-rules.ts';

const logging = /\b(?:log|logger|logging|console)\s*\.\s*\w+\s*\(|\bprintln?\b|fmt\.Print/;
const importing = /^\s*(?:import\b|from\s+\S+\s+import|(?:const|var|let)\s+.+=\s*require\()/;
const comment = /^\s*(?:\/\/|#(?!!)|\/?\*|\*\/|--\s|<!--|"""|''')/;
const observing =
  /\.(?:observe|inc|dec|labels|startTimer|setAttribute|addEvent|recordException)\(|\bhelp:|\bmetrics?\b\s*[.:=(]/i;

export interface ChangeTraits {
  readonly explains: number;
  readonly words: readonly string[];
  /** 0–1: how much of the commit can change what a running service does. */
  readonly substance: number;
}

/** Lines that differ beyond white space: what only moved or was re-indented is no change. */
export function changedLines(file: DiffFile): { added: string[]; removed: string[] } {
  const added = file.hunks.flatMap((hunk) => hunk.added.map((line) => line.text.trim()));
  const removed = file.hunks.flatMap((hunk) => hunk.removed.map((line) => line.text.trim()));
  return { added: without(added, removed), removed: without(removed, added) };
}

/** What the changed code does, read against the kinds of trouble seen. */
export function readTraits(
  files: readonly DiffFile[],
  kinds: ReadonlyMap<TroubleKind, number>,
): ChangeTraits {
  let miss = 1;
  let substance = 0;
  const words: { text: string; weight: number }[] = [];
  for (const file of files) {
    if (file.class !== 'source' && file.class !== 'config') continue;
    const lines = changedLines(file);
    for (const line of [...lines.added, ...lines.removed]) substance = Math.max(substance, substanceOf(line));
    if (file.class !== 'source') continue;
    for (const rule of traitRules) {
      const net = lines[rule.side].filter((line) => substanceOf(line) >= 0.5 && rule.find.test(line)).length;
      const other = lines[rule.side === 'added' ? 'removed' : 'added'].filter((line) =>
        rule.find.test(line),
      ).length;
      if (net === 0) continue;
      // The same construct on both sides was rewritten rather than brought in.
      const share = net > other ? 1 : 0.4;
      let weight = 0;
      for (const [kind, effect] of rule.effects)
        weight = Math.max(weight, effect * (kinds.get(kind) ?? 0) * share);
      if (weight < 0.1) continue;
      miss *= 1 - weight * 0.75;
      words.push({ text: rule.words, weight });
    }
  }
  return {
    explains: 1 - miss,
    words: words
      .toSorted((a, b) => b.weight - a.weight)
      .slice(0, 2)
      .map((word) => word.text),
    substance,
  };
}

function substanceOf(line: string): number {
  if (line === '' || comment.test(line) || /^[\s{}()[\];,]*$/.test(line)) return 0;
  if (importing.test(line)) return 0.15;
  if (logging.test(line)) return 0.2;
  if (observing.test(line)) return 0.3;
  return 1;
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    if (count === 0) return line !== '';
    left.set(line, count - 1);
    return false;
  });
}
