import type { Runbook, RunbookParameter } from '../../domain/service.ts';

export type Values = Readonly<Record<string, string | number>>;

export type Built =
  | { readonly argv: readonly string[]; readonly inverse: readonly string[] | null }
  | { readonly reason: string };

/**
 * The command and its inverse with the given values. A value stands inside one argument and is never looked at again, so it
 * can neither add an argument nor name another parameter.
 */
export function buildArgv(runbook: Runbook, values: Values): Built {
  const texts = new Map<string, string>();
  for (const [name, parameter] of Object.entries(runbook.parameters)) {
    if (!Object.hasOwn(values, name)) return { reason: `it needs a value for {${name}}.` };
    const text = readValue(parameter, values[name]);
    if (text === null) return { reason: `the value for {${name}} is not ${allowedBy(parameter)}.` };
    texts.set(name, text);
  }
  const strange = Object.keys(values).find((name) => !texts.has(name));
  if (strange !== undefined) return { reason: 'it was given a value that it has no parameter for.' };

  for (const word of [...runbook.argv, ...(runbook.inverse ?? [])]) {
    const name = firstToSpeak(word, texts);
    // what operators spelled out as a choice is their word, not the caller's
    if (name === null || runbook.parameters[name]?.type === 'choice') continue;
    if (texts.get(name)?.startsWith('-') === true)
      return { reason: `the value for {${name}} would be read as an option.` };
  }
  const fill = (word: string): string =>
    word.replace(/\{(\w+)\}/g, (whole, name: string) => texts.get(name) ?? whole);
  return { argv: runbook.argv.map(fill), inverse: runbook.inverse?.map(fill) ?? null };
}

/** The parameter whose value an argument begins with: `{user}@{host}`. Null when it begins with the operators' own text. */
function firstToSpeak(word: string, texts: ReadonlyMap<string, string>): string | null {
  const name = /^\{(\w+)\}/.exec(word)?.[1];
  if (name === undefined || !texts.has(name)) return null;
  return texts.get(name) === '' ? firstToSpeak(word.slice(name.length + 2), texts) : name;
}

function readValue(parameter: RunbookParameter, value: unknown): string | null {
  switch (parameter.type) {
    case 'choice':
      return typeof value === 'string' && parameter.values.includes(value) ? value : null;
    case 'integer': {
      const text = String(value);
      const number = /^-?(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : Number.NaN;
      return number >= parameter.min && number <= parameter.max ? String(number) : null;
    }
    case 'text': {
      if (typeof value !== 'string' || value.length > parameter.maxLength) return null;
      // what nobody can see on the card, and what canonical JSON would change, is never meant
      if (/[\p{Cc}\p{Cf}]/u.test(value) || value !== value.normalize('NFC')) return null;
      return new RegExp(`^(?:${parameter.pattern})$`, 'u').test(value) ? value : null;
    }
    default:
      return parameter satisfies never;
  }
}

function allowedBy(parameter: RunbookParameter): string {
  switch (parameter.type) {
    case 'choice':
      return `one of ${parameter.values.join(', ')}`;
    case 'integer':
      return `a whole number from ${parameter.min} to ${parameter.max}`;
    case 'text':
      return `text like ${parameter.pattern} of at most ${parameter.maxLength} characters`;
    default:
      return parameter satisfies never;
  }
}
