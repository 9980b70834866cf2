import { nearest } from './nearest.ts';

export const verbs = [
  'help',
  'status',
  'context',
  'similar',
  'declare',
  'resolve',
  'fix',
  'halt',
  'lift',
  'delegate',
] as const;
export type Verb = (typeof verbs)[number];

export type Command =
  | { readonly verb: Verb; readonly rest: string }
  | { readonly verb: null; readonly said: string; readonly nearest: Verb | null };

/** Words for the same in other tools: they are suggested, never obeyed. */
const otherWords: Readonly<Record<string, Verb>> = {
  stop: 'halt',
  freeze: 'halt',
  pause: 'halt',
  unhalt: 'lift',
  resume: 'lift',
  unfreeze: 'lift',
  close: 'resolve',
  open: 'declare',
  propose: 'fix',
};

/** `/warroom resolve all good` → verb and rest; an unknown verb comes with the one that was probably meant. */
export function parseCommand(text: string): Command {
  const trimmed = text.trim();
  const said = (trimmed.split(/\s+/, 1)[0] ?? '').toLowerCase().slice(0, 40);
  if (said === '') return { verb: 'help', rest: '' };
  const verb = verbs.find((each) => each === said);
  if (verb !== undefined) return { verb, rest: trimmed.slice(said.length).trim() };
  return {
    verb: null,
    said,
    nearest: Object.hasOwn(otherWords, said) ? (otherWords[said] ?? null) : nearest(said, verbs),
  };
}

/**
 * What a person typed, out of what Slack makes of it: mentions and channels by name, links by address, `& < >` as they
 * were. It is text again and has to be escaped before it is shown.
 */
export function asTyped(text: string): string {
  return text
    .replace(/<([@#!][^<>|]*)\|([^<>]*)>/g, (_, target: string, label: string) => labelled(target, label))
    .replace(/<((?:https?|mailto|tel):[^<>|]*)(?:\|([^<>]*))?>/g, (_, url: string, label?: string) =>
      linked(url, label),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** `db.example.com` is sent as `<http://db.example.com|db.example.com>`: nobody typed the scheme. */
function linked(url: string, label: string | undefined): string {
  if (label === undefined) return url;
  const added = /^https?:\/\//.exec(url)?.[0];
  return added === undefined || url.slice(added.length) === label ? label : url;
}

function labelled(target: string, label: string): string {
  if (label.startsWith('@') || label.startsWith('#')) return label;
  return `${target.startsWith('#') ? '#' : '@'}${label}`;
}
