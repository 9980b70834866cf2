import type { Severity } from '../domain/incident.ts';
import type { Service } from '../domain/service.ts';

export const verbs = ['help', 'status', 'declare', 'resolve'] as const;
export type Verb = (typeof verbs)[number];

export type Command =
  | { readonly verb: Verb; readonly rest: string }
  | { readonly verb: null; readonly said: string; readonly nearest: Verb | null };

/** `/warroom resolve all good` → verb and rest; an unknown verb comes with the one that was probably meant. */
export function parseCommand(text: string): Command {
  const trimmed = text.trim();
  const said = (trimmed.split(/\s+/, 1)[0] ?? '').toLowerCase();
  if (said === '') return { verb: 'help', rest: '' };
  const verb = verbs.find((each) => each === said);
  if (verb !== undefined) return { verb, rest: trimmed.slice(said.length).trim() };
  return { verb: null, said, nearest: nearestVerb(said) };
}

/** `sev1 Checkout is down` → severity and title; without a severity it is `sev2`. */
export function parseDeclaration(
  text: string,
  services: readonly Service[],
): { title: string; severity: Severity; services: string[] } {
  const match = /^(sev[1-4])\b[\s:,-]*(.*)$/is.exec(text);
  const title = (match?.[2] ?? text).trim().slice(0, 200);
  const words = new Set(title.toLowerCase().split(/[^a-z0-9_-]+/));
  return {
    title: title === '' ? 'Declared by hand' : title,
    severity: (match?.[1]?.toLowerCase() as Severity | undefined) ?? 'sev2',
    services: services.map((service) => service.name).filter((name) => words.has(name.toLowerCase())),
  };
}

function nearestVerb(said: string): Verb | null {
  const ranked = verbs
    .map((verb) => ({ verb, distance: verb.startsWith(said) ? 0 : editDistance(said, verb) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= 3 ? best.verb : null;
}

/** Levenshtein, one row at a time; words are a few letters long. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
