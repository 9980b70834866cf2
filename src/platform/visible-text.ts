import { randomBytes } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';

/**
 * What is in a text and not seen: controls but tab and line feed, marks that reorder or have no width, tags, halves of
 * characters, private use, whatever else has no shape.
 */
const hidden = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Text from outside as a model may see it: nothing in it hides, reorders or moves a cursor. Line ends as everywhere. */
export function visibleText(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).replaceAll(hidden, '').toWellFormed();
}

/** For people: what is not seen is written out by `spell`. An emoji keeps the mark that colours it. */
export function spellHidden(text: string, spell: (char: string) => string): string {
  return text.replaceAll('\r\n', '\n').replace(hidden, (char) => (char === '\ufe0f' ? char : spell(char)));
}

/** One line of visible text, at most `max` characters: a label, a name, a field that somebody outside filled in. */
export function boundedLine(text: string, max: number): string {
  const line = visibleText(text).replace(/\s+/g, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Quoted for a model: one JSON string, which no text inside can end. */
export function quoted(text: string, max: number): string {
  return JSON.stringify(boundedLine(text, max));
}

/** Free text between lines that nobody can know beforehand; what the fence is about stands on its first line. */
export function fenced(about: string, text: string): string {
  const fence = randomBytes(12).toString('hex');
  return `<data ${fence} ${boundedLine(about, 120).replace(/[<>]/g, ' ')}>\n${visibleText(text)}\n</data ${fence}>`;
}
