import { survivorOf, type Template } from './template.ts';

/** Beyond these a word's place is not looked at. */
const mostPlaces = 24;
/** Different words in one place, all else the same, that make it a value; the less else, the more. */
const distinctWords = { long: 5, short: 8 } as const;
const longContext = 3;
/** After these a name is announced; two of them may be chance. */
const announced = 3;
/** Words that must be the same before a word is taken for the value in another line's place. */
const leastShared = 2;
const prepositions = new Set(['for', 'of', 'by', 'from', 'to', 'on', 'at', 'in', 'with', 'into', 'as']);
const nouns = new Set([
  'user',
  'username',
  'account',
  'host',
  'hostname',
  'node',
  'server',
  'client',
  'peer',
  'file',
  'directory',
  'folder',
  'path',
  'device',
  'interface',
  'package',
  'table',
  'database',
  'schema',
  'index',
  'queue',
  'topic',
  'group',
  'consumer',
  'namespace',
  'pod',
  'container',
  'domain',
  'cluster',
  'bucket',
  'tenant',
  'customer',
  'key',
  'named',
]);
/** What happened, rather than what it happened to. */
const eventWord = /(?:ed|ing)$/i;

interface Slot {
  /** The template in which this place varies already. */
  wild: Template | null;
  readonly members: Set<Template>;
  /** How many of the members say there what happened: counted, as a place may have thousands that never become one. */
  events: number;
}

/**
 * Finds places in which a word is a value. Each template is listed under its words with one of them left open, so those
 * that differ in one place meet.
 */
export class SlotIndex {
  private readonly exact = new Map<string, Template>();
  /** By the words with one left open. */
  private readonly open = new Map<string, Slot>();
  /** By the words without one of them: what a line with a value in its place says. */
  private readonly without = new Map<string, Set<Template>>();

  /** Keys in `open` that lead to a template besides those of its own words. */
  private readonly marks = new Map<Template, string[]>();

  /** The template that lines of these words belong to, if one is known. */
  find(words: readonly string[]): Template | null {
    const exact = this.exact.get(keyOf(words));
    if (exact !== undefined) return exact;
    for (let place = 0; place < Math.min(words.length, mostPlaces); place += 1) {
      const wild = this.open.get(openKey(words, place))?.wild;
      if (wild !== null && wild !== undefined) return survivorOf(wild);
    }
    return null;
  }

  /** Lists a new template; where it shows that a place varies, tells which templates are one. */
  add(template: Template): { into: Template; from: Template[] } {
    const words = template.wordList();
    const value = this.findValuePlace(template, words);
    if (value !== null) return value;
    this.list(template);
    for (let place = 0; place < Math.min(words.length, mostPlaces); place += 1) {
      const slot = this.open.get(openKey(words, place));
      if (slot === undefined || !varies(words, place, slot)) continue;
      return this.joinSlot(slot, place);
    }
    return { into: template, from: [] };
  }

  /** What led to a template that was joined leads to the one it was joined with. */
  follow(joined: Template, into: Template): void {
    const keys = this.marks.get(joined) ?? [];
    this.marks.delete(joined);
    for (const key of keys) {
      const slot = this.open.get(key);
      if (slot?.wild === joined) slot.wild = into;
    }
    if (keys.length > 0) this.marks.set(into, [...(this.marks.get(into) ?? []), ...keys]);
  }

  /** Nothing leads to this template any more. */
  forget(template: Template): void {
    this.unlist(template);
    for (const key of this.marks.get(template) ?? []) {
      const slot = this.open.get(key);
      if (slot?.wild !== template) continue;
      slot.wild = null;
      if (slot.members.size === 0) this.open.delete(key);
    }
    this.marks.delete(template);
  }

  private list(template: Template): void {
    const words = template.wordList();
    this.exact.set(keyOf(words), template);
    for (let place = 0; place < Math.min(words.length, mostPlaces); place += 1) {
      const key = openKey(words, place);
      let slot = this.open.get(key);
      if (slot === undefined) {
        slot = { wild: null, members: new Set(), events: 0 };
        this.open.set(key, slot);
      }
      const word = words[place];
      if (word === null || word === undefined) slot.wild = template;
      else if (!slot.members.has(template)) {
        slot.members.add(template);
        if (eventWord.test(word)) slot.events += 1;
      }
      const rest = keyOf(words.toSpliced(place, 1));
      const others = this.without.get(rest);
      if (others === undefined) this.without.set(rest, new Set([template]));
      else others.add(template);
    }
  }

  private unlist(template: Template): void {
    const words = template.wordList();
    if (this.exact.get(keyOf(words)) === template) this.exact.delete(keyOf(words));
    for (let place = 0; place < Math.min(words.length, mostPlaces); place += 1) {
      const key = openKey(words, place);
      const slot = this.open.get(key);
      if (slot !== undefined) {
        if (slot.members.delete(template) && eventWord.test(words[place] ?? '')) slot.events -= 1;
        if (slot.wild === template) slot.wild = null;
        if (slot.members.size === 0 && slot.wild === null) this.open.delete(key);
      }
      const rest = keyOf(words.toSpliced(place, 1));
      const others = this.without.get(rest);
      others?.delete(template);
      if (others?.size === 0) this.without.delete(rest);
    }
  }

  /** One word stands where the other line has a value, and all else is the same. */
  private findValuePlace(
    template: Template,
    words: readonly (string | null)[],
  ): { into: Template; from: Template[] } | null {
    for (
      let place = 0;
      words.length > leastShared && place < Math.min(words.length, mostPlaces);
      place += 1
    ) {
      const other = this.exact.get(keyOf(words.toSpliced(place, 1)));
      if (other === undefined || !standsForValue(template, place, other)) continue;
      this.markOpen(words, place, other);
      return { into: other, from: [template] };
    }
    if (words.length < leastShared) return null;
    const longer = [...(this.without.get(keyOf(words)) ?? [])].flatMap((other) => {
      const place = placeOf(other.wordList(), words);
      return place !== null && standsForValue(other, place, template) ? [{ other, place }] : [];
    });
    if (longer.length === 0) return null;
    for (const { other } of longer) this.unlist(other);
    this.list(template);
    for (const { other, place } of longer) this.markOpen(other.wordList(), place, template);
    return { into: template, from: longer.map(({ other }) => other) };
  }

  private markOpen(words: readonly (string | null)[], place: number, template: Template): void {
    const key = openKey(words, place);
    const slot = this.open.get(key);
    if (slot === undefined) this.open.set(key, { wild: template, members: new Set(), events: 0 });
    else if (slot.wild === null) slot.wild = template;
    else return;
    const marks = this.marks.get(template);
    if (marks === undefined) this.marks.set(template, [key]);
    else marks.push(key);
  }

  private joinSlot(slot: Slot, place: number): { into: Template; from: Template[] } {
    const [into, ...from] = [...slot.members].toSorted((a, b) => a.id - b.id);
    if (into === undefined) throw new Error('A place varies only where templates meet.');
    for (const one of [into, ...from]) this.unlist(one);
    into.wild.add(place);
    this.list(into);
    return { into, from };
  }
}

function keyOf(words: readonly (string | null)[]): string {
  return words.map((word) => word ?? '\u0001').join(' ');
}

function openKey(words: readonly (string | null)[], place: number): string {
  return keyOf(words.with(place, null));
}

function placeOf(longer: readonly (string | null)[], shorter: readonly (string | null)[]): number | null {
  for (let place = 0; place < longer.length; place += 1)
    if (longer[place] !== shorter[place])
      return keyOf(longer.toSpliced(place, 1)) === keyOf(shorter) ? place : null;
  return longer.length - 1;
}

function varies(words: readonly (string | null)[], place: number, slot: Slot): boolean {
  const count = slot.members.size;
  const before = words[place - 1]?.toLowerCase() ?? '';
  const ahead = words[place - 2]?.toLowerCase() ?? '';
  if (nouns.has(before) && prepositions.has(ahead)) return count >= announced;
  const others = words.length - 1;
  if (others === 0) return false;
  if (count < (others >= longContext ? distinctWords.long : distinctWords.short)) return false;
  return slot.events <= count / 2;
}

/** Compares two lines by what stands between spaces. */
function standsForValue(longer: Template, place: number, shorter: Template): boolean {
  const a = partsOf(longer);
  const b = partsOf(shorter);
  if (a.length !== b.length) return false;
  let words = 0;
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return false;
    if (place >= words && place < words + part.words) {
      if (other.words !== part.words - 1 || other.values === 0) return false;
    } else if (part.rest !== other.rest) return false;
    words += part.words;
  }
  return true;
}

interface Part {
  words: number;
  values: number;
  /** What is no value. */
  rest: string;
}

/** What stands in each part of a line between spaces. */
function partsOf(template: Template): Part[] {
  const parts: Part[] = [];
  const { sample, words, values } = template;
  let word = 0;
  let value = 0;
  for (const match of sample.matchAll(/\S+/g)) {
    const end = match.index + match[0].length;
    const part: Part = { words: 0, values: 0, rest: '' };
    let place = match.index;
    while (2 * word < words.length && (words[2 * word] ?? 0) < end) {
      part.words += 1;
      word += 1;
    }
    while (2 * value < values.length && (values[2 * value] ?? 0) < end) {
      part.values += 1;
      part.rest += sample.slice(place, values[2 * value]);
      place = values[2 * value + 1] ?? place;
      value += 1;
    }
    part.rest += sample.slice(place, end);
    parts.push(part);
  }
  return parts;
}
