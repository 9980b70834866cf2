import { identifiersOf } from './commit-document.ts';
import type { WeightedText } from './symptoms.ts';
import { splitIdentifier, tokenize } from './tokenize.ts';

/** A place that a text names: a stack frame, a compiler's or a test's position, a file in a sentence. */
export interface NamedPlace {
  readonly path: string;
  readonly line: number | null;
  /** Names that stand on the same line, or that the frame gives as its function. */
  readonly functions: readonly string[];
  /** 0 for the first place of the text. */
  readonly order: number;
}

/** What a text about trouble offers to compare with. */
export interface TroubleText {
  /** Words and parts of names, each with its weight (0–1) and how often it stands there. */
  readonly words: ReadonlyMap<string, { readonly weight: number; readonly count: number }>;
  /** Names that no one writes by chance (`row_new_datum`, `maxPoolSize`), as written. */
  readonly names: ReadonlyMap<string, number>;
  /** What stands in quotes: a name, however short and common. */
  readonly quoted: ReadonlyMap<string, number>;
  readonly places: readonly NamedPlace[];
  /** Each line's words, for how much of one line a commit holds. */
  readonly lines: readonly { readonly words: readonly string[]; readonly weight: number }[];
  /** Words of the first line where it reads like a title, `area: what`. */
  readonly areas: readonly string[];
}

// Bounded: a line may be one run of name characters, and every place of it a beginning.
const place =
  /(?<![\w@])((?:[\w.+-]{1,80}[/\\]){0,20}[\w+-][\w.+-]{0,80}\.[A-Za-z]\w{0,5})(?:[",: (]{1,2}(?:line )?(\d{1,6}))?/g;
/** Addresses, ids and sums: no name of anything. */
const address = /\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{6,}\b/gi;
const quote = /["'`‘“]([A-Za-z_$][\w$.-]{2,40})["'`’”]/g;
const mostPlaces = 60;
const mostOfLine = 4000;
const fade = 0.85;
const deepest = 0.3;

/** @param healthy texts whose words count for less: each takes its own weight as a factor */
export function readTroubleText(
  texts: readonly WeightedText[],
  healthy: readonly WeightedText[] = [],
): TroubleText {
  const words = new Map<string, { weight: number; count: number }>();
  const names = new Map<string, number>();
  const quoted = new Map<string, number>();
  const places: NamedPlace[] = [];
  const lines: { words: string[]; weight: number }[] = [];
  const areas = new Set<string>();
  for (const { text, weight } of texts) {
    const title = /^\s*([\w./ -]{2,40}?)(?: \[\w+\])?: \S/.exec(text.slice(0, 200))?.[1];
    if (title !== undefined) for (const word of tokenize(title)) areas.add(word);
    let depth = 0;
    for (const line of text.slice(0, 200_000).split('\n')) {
      if (line.trim() === '') continue;
      const tokens = tokenize(line.replace(address, ' '));
      const matches = [...line.slice(0, mostOfLine).matchAll(place)];
      // The deeper in the stack, the less a name tells.
      const told =
        weight *
        (matches.some((match) => match[2] !== undefined) ? deepest + (1 - deepest) * fade ** depth++ : 1);
      for (const token of tokens) {
        const known = words.get(token);
        words.set(token, { weight: Math.max(known?.weight ?? 0, told), count: (known?.count ?? 0) + 1 });
      }
      lines.push({ words: [...new Set(tokens)], weight: told });
      for (const [, name = ''] of line.matchAll(quote))
        quoted.set(name, Math.max(quoted.get(name) ?? 0, weight));
      const found = identifiersOf(line);
      for (const name of found) if (isTelling(name)) names.set(name, Math.max(names.get(name) ?? 0, told));
      for (const match of matches) {
        if (places.length >= mostPlaces) break;
        const path = (match[1] ?? '').replaceAll('\\', '/').replace(/^(?:\.{1,2}\/)+/, '');
        places.push({
          path,
          line: match[2] === undefined ? null : Number(match[2]),
          functions: found.filter((name) => !path.includes(name)).slice(0, 6),
          order: places.length,
        });
      }
    }
  }
  for (const { text, weight } of healthy)
    for (const word of new Set(tokenize(text))) {
      const known = words.get(word);
      if (known !== undefined) words.set(word, { weight: known.weight * weight, count: known.count });
    }
  return { words, names, quoted, places, lines, areas: [...areas] };
}

/** Made of several parts: a name somebody coined. */
export function isTelling(name: string): boolean {
  return name.length >= 5 && splitIdentifier(name).length > 1;
}
