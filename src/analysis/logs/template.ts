import type { LineLexer } from './line-lexer.ts';

export const wildcard = '<*>';
const mostWatched = 24;
/** Names with a number in them (eth1, IPv6), units, truth values: shown as they are for as long as they do not vary. */
const namelike = /^(?:[A-Za-z]+\d{1,2}[A-Za-z_]{0,12}|[A-Za-zµ]{1,5})$/;

/** One event of a program: the line it was first seen in, and which parts of that line turned out to vary. */
export class Template {
  readonly id: number;
  readonly sample: string;
  readonly values: Int32Array;
  readonly words: Int32Array;
  /** Which words vary. */
  readonly wild: Set<number> = new Set();
  /** Values that were the same in every line so far. */
  private readonly fixed: Set<number> = new Set();
  count = 0;
  /** The template this one was joined with. */
  joinedWith: Template | null = null;
  lastUsed = 0;

  constructor(id: number, line: string, lexer: LineLexer, from: number) {
    this.id = id;
    this.sample = line.slice(from, from + 2000);
    this.values = lexer.values.slice(0, 2 * lexer.valueCount).map((place) => place - from);
    this.words = lexer.words.slice(0, 2 * lexer.wordCount).map((place) => place - from);
    for (let n = 0; n < Math.min(lexer.valueCount, mostWatched); n += 1)
      if (namelike.test(this.valueAt(n))) this.fixed.add(n);
  }

  get wordCount(): number {
    return this.words.length / 2;
  }

  /** Words of the sample; a word that varies is null. */
  wordList(): (string | null)[] {
    const list: (string | null)[] = [];
    for (let n = 0; n < this.wordCount; n += 1)
      list.push(this.wild.has(n) ? null : this.sample.slice(this.words[2 * n], this.words[2 * n + 1]));
    return list;
  }

  /** Notes which values of a further line differ. */
  compare(line: string, lexer: LineLexer): void {
    if (this.fixed.size === 0) return;
    for (const n of this.fixed) {
      const start = lexer.values[2 * n] ?? 0;
      const end = lexer.values[2 * n + 1] ?? 0;
      if (n >= lexer.valueCount || line.slice(start, end) !== this.valueAt(n)) this.fixed.delete(n);
    }
  }

  text(): string {
    let text = '';
    let place = 0;
    for (const [start, end] of this.variableParts()) {
      text += this.sample.slice(place, start) + wildcard;
      place = end;
    }
    return (text + this.sample.slice(place)).trim();
  }

  private variableParts(): [number, number][] {
    const parts: [number, number][] = [];
    for (let n = 0; 2 * n < this.values.length; n += 1)
      if (this.count < 2 || !this.fixed.has(n))
        parts.push([this.values[2 * n] ?? 0, this.values[2 * n + 1] ?? 0]);
    for (const n of this.wild) parts.push([this.words[2 * n] ?? 0, this.words[2 * n + 1] ?? 0]);
    return parts.toSorted((a, b) => a[0] - b[0]);
  }

  private valueAt(n: number): string {
    return this.sample.slice(this.values[2 * n], this.values[2 * n + 1]);
  }
}

/** The template that this one's lines belong to now. */
export function survivorOf(template: Template): Template {
  let survivor = template;
  while (survivor.joinedWith !== null) survivor = survivor.joinedWith;
  return survivor;
}
