import { isNamedValue, looksLikeHost } from './named-values.ts';

const charKind = { space: 0, letter: 1, digit: 2, joint: 3, mark: 4 } as const;

/** Kind of each character: marks end a run, joints hold a path, an address or an identifier together. */
const kinds = new Uint8Array(0x10000).fill(charKind.letter);
for (let code = 0; code <= 32; code += 1) kinds[code] = charKind.space;
kinds[0xa0] = charKind.space;
for (let code = 33; code < 127; code += 1) {
  const char = String.fromCharCode(code);
  if (/[0-9]/.test(char)) kinds[code] = charKind.digit;
  else if (/[._\-/\\~+%$@#*&^]/.test(char)) kinds[code] = charKind.joint;
  else if (!/[A-Za-z]/.test(char)) kinds[code] = charKind.mark;
}

const colon = 58;
const dot = 46;
const slash = 47;
const backslash = 92;
const at = 64;
const question = 63;
const equals = 61;

function isNameChar(code: number): boolean {
  const kind = kinds[code];
  return kind === charKind.digit || kind === charKind.letter;
}

/** The most of a line that is looked at. */
const mostChars = 4000;
const mostParts = 256;

/**
 * Tells a line's words from its values. What a program prints as a value looks like one anywhere: it has a digit, is a
 * path, an address, a truth value, a date. What is left, in order, is what the program says: its words. The number and
 * place of values is not part of it, so lists of any length say the same.
 */
export class LineLexer {
  /** Identifies the sequence of words. */
  hash = 0;
  /** Start and end of each value, in pairs. */
  readonly values = new Int32Array(2 * mostParts);
  valueCount = 0;
  /** Start and end of each word, in pairs. */
  readonly words = new Int32Array(2 * mostParts);
  wordCount = 0;

  scan(line: string, from: number): void {
    const end = Math.min(line.length, from + mostChars);
    let first = 0x811c9dc5;
    let second = 0x9747b28c;
    this.valueCount = 0;
    this.wordCount = 0;
    let i = from;
    while (i < end) {
      const code = line.charCodeAt(i);
      const kind = kinds[code] ?? 0;
      if (kind === charKind.space || kind === charKind.mark) {
        i += 1;
        continue;
      }
      const start = i;
      let digits = kind === charKind.digit;
      let letters = kind === charKind.letter;
      let slashes = code === slash || code === backslash ? 1 : 0;
      let dots = code === dot ? 1 : 0;
      let ats = false;
      let address = false;
      let asked = false;
      for (i += 1; i < end; i += 1) {
        const next = line.charCodeAt(i);
        const is = kinds[next] ?? 0;
        if (is === charKind.letter) letters = true;
        else if (is === charKind.digit) digits = true;
        else if (is === charKind.joint) {
          if (next === dot) {
            // Dots that lead the eye to a value are no part of a name.
            if (line.charCodeAt(i + 1) === dot) break;
            dots += 1;
          } else if (next === slash || next === backslash) slashes += 1;
          else if (next === at) ats = true;
        } else if (next === colon) {
          const after = line.charCodeAt(i + 1);
          if (after === slash && line.charCodeAt(i + 2) === slash) address = true;
          else if (!digits || i + 1 >= end || !isNameChar(after)) break;
        } else if ((next === question || next === equals) && slashes > 1 && (asked || next === question)) {
          asked = true;
        } else break;
      }
      const pathLike =
        slashes > 0 &&
        letters &&
        i - start > 1 &&
        (code === slash || code === backslash || (dots > 0 && line.charCodeAt(i - 1) !== dot));
      const value =
        digits ||
        address ||
        pathLike ||
        (ats && dots > 0 && letters) ||
        (letters && dots > 0 && looksLikeHost(line, start, i)) ||
        (letters && slashes === 0 && isNamedValue(line, start, i, end));
      if (value) {
        if (this.valueCount < mostParts) {
          this.values[2 * this.valueCount] = start;
          this.values[2 * this.valueCount + 1] = i;
          this.valueCount += 1;
        }
        continue;
      }
      if (!letters) continue;
      if (this.wordCount < mostParts) {
        this.words[2 * this.wordCount] = start;
        this.words[2 * this.wordCount + 1] = i;
        this.wordCount += 1;
      }
      for (let place = start; place < i; place += 1) {
        const code = line.charCodeAt(place);
        first = Math.imul(first ^ code, 0x01000193);
        second = Math.imul(second ^ code, 0x85ebca6b) ^ (second >>> 13);
      }
      first = Math.imul(first ^ 0x20, 0x01000193);
      second = Math.imul(second ^ 0x20, 0x85ebca6b) ^ (second >>> 13);
    }
    this.hash = (first >>> 0) * 0x200000 + (second >>> 11);
  }

  /** The words that `scan` found in this line. */
  wordsOf(line: string): string[] {
    const words: string[] = [];
    for (let n = 0; n < this.wordCount; n += 1)
      words.push(line.slice(this.words[2 * n], this.words[2 * n + 1]));
    return words;
  }

  valuesOf(line: string): string[] {
    const values: string[] = [];
    for (let n = 0; n < this.valueCount; n += 1)
      values.push(line.slice(this.values[2 * n], this.values[2 * n + 1]));
    return values;
  }
}
