import { type ProposedRemedy, type RemedyKind, remedyKinds } from '../../domain/plan.ts';
import type { Json } from '../../platform/canonical-json.ts';
import { code } from '../blocks/mrkdwn.ts';
import { nearest } from './nearest.ts';

export type FixWords =
  | { readonly clear: true; readonly remedies: readonly ProposedRemedy[] }
  /** mrkdwn: what could not be read and what to type instead. */
  | { readonly clear: false; readonly complaint: string };

const stepsMax = 8;
const textMax = 4000;

/**
 * `KIND SERVICE key=value … [then KIND SERVICE …]`. Only the form is checked here: what a kind takes and whether it may
 * act on the service is for the remedy to say. A value is a list, an object, a quoted text, true, false or a number of up
 * to six digits as JSON has it, and text otherwise: a commit may consist of digits alone, and it has at least seven.
 */
export function parseFix(text: string, services: readonly string[]): FixWords {
  if (text.length > textMax) return unclear('That is too long for one command.');
  const words = splitWords(straighten(text));
  if (words === null) return unclear('A bracket or a quotation mark is not closed.');
  const steps = splitSteps(words);
  if (steps.length > stepsMax) return unclear(`A plan has at most ${stepsMax} steps.`);
  const remedies: ProposedRemedy[] = [];
  for (const step of steps) {
    const remedy = readStep(step, services);
    if (typeof remedy === 'string') return unclear(remedy);
    remedies.push(remedy);
  }
  return { clear: true, remedies };
}

function readStep(words: readonly string[], services: readonly string[]): ProposedRemedy | string {
  const [said, service, ...pairs] = words;
  if (said === undefined)
    return 'A step is missing: write `KIND SERVICE key=value …` on both sides of `then`.';
  const kind = remedyKinds.find((each) => each === said.toLowerCase());
  if (kind === undefined) return `${code(said)} is no kind of fix.${meant(said.toLowerCase(), remedyKinds)}`;
  if (service === undefined) return `On which service? Write ${code(`${kind} SERVICE key=value …`)}`;
  if (!services.includes(service))
    return `The catalogue has no service ${code(service)}.${meant(service, services)}`;
  return readParams(kind, service, pairs);
}

function readParams(kind: RemedyKind, service: string, pairs: readonly string[]): ProposedRemedy | string {
  const params: Record<string, Json> = {};
  for (const pair of pairs) {
    const match = /^([a-zA-Z][\w-]{0,63})=(.*)$/s.exec(pair);
    if (match?.[1] === undefined || match[2] === undefined || match[2] === '') {
      return `${code(pair)} is not ${code('key=value')}. Put text with spaces in quotes.`;
    }
    const [, key, written] = match;
    if (Object.hasOwn(params, key)) return `${code(key)} is given twice.`;
    const value = readValue(written);
    if (value === undefined)
      return `The value of ${code(key)} is not valid JSON: ${code(written.slice(0, 200))}`;
    params[key] = value;
  }
  return { kind, service, params };
}

function readValue(written: string): Json | undefined {
  if (!/^([[{"]|(true|false|-?(0|[1-9]\d{0,5}))$)/.test(written)) return written;
  try {
    return JSON.parse(written.startsWith('"') ? onOneLine(written) : written) as Json;
  } catch {
    return undefined;
  }
}

/** A quoted text may be typed over several lines; JSON wants them written out. */
function onOneLine(quoted: string): string {
  return quoted.replace(/\r?\n/g, String.raw`\n`).replaceAll('\t', String.raw`\t`);
}

/** What editors and phones make of straight quotes. */
function straighten(text: string): string {
  return text.replace(/[“”„‟«»]/g, '"').replace(/[‘’‚‛]/g, "'");
}

/** At white space, but not inside brackets or quotes; null when one of them is never closed. */
function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let word = '';
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index] ?? '';
    if (!quoted && depth === 0 && /\s/.test(char)) {
      if (word !== '') words.push(word);
      word = '';
      continue;
    }
    word += char;
    if (quoted) {
      if (char === '\\') word += text[++index] ?? '';
      else if (char === '"') quoted = false;
    } else if (char === '"') {
      // A quotation mark in the middle of plain text is text.
      quoted = depth > 0 || word.endsWith('="');
    } else if (depth > 0 || /=[[{]$/.test(word)) {
      if (char === '[' || char === '{') depth += 1;
      if (char === ']' || char === '}') depth -= 1;
    }
  }
  if (word !== '') words.push(word);
  return quoted || depth > 0 ? null : words;
}

function splitSteps(words: readonly string[]): string[][] {
  const steps: string[][] = [[]];
  for (const word of words) {
    if (word.toLowerCase() === 'then') steps.push([]);
    else steps.at(-1)?.push(word);
  }
  return steps;
}

function meant<Word extends string>(said: string, known: readonly Word[]): string {
  const near = nearest(said, known);
  if (near !== null) return ` Did you mean ${code(near)}?`;
  return known.length === 0 ? '' : ` There are: ${known.slice(0, 20).map(code).join(', ')}.`;
}

function unclear(complaint: string): FixWords {
  return { clear: false, complaint };
}
