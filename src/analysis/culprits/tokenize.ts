/** Words that every code base and every error share; frequency takes care of the rest. */
const noise = new Set(
  (
    'the and for not was with from this that into has have are but its will can may all any one two per out off ' +
    'const let var function return async await import export default new null undefined true false void ' +
    'string number boolean object type class static public private def self func int err nil error errors ' +
    'get set http https json src lib index main test spec js ts py go java mjs cjs at in is of to on or if else it be as by'
  ).split(' '),
);

/** Identifiers and words of a text, whole and in parts (`maxPoolSize` → `maxpoolsize`, `max`, `pool`, `size`), lower case. */
export function tokenize(text: string): string[] {
  const tokens: string[] = [];
  for (const match of text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)) {
    const word = match[0];
    if (word.length > 60) continue;
    const parts = splitIdentifier(word);
    const whole = word.toLowerCase().replaceAll('_', '');
    if (parts.length > 1 && keep(whole)) tokens.push(whole);
    for (const part of parts) if (keep(part)) tokens.push(stem(part));
  }
  return tokens;
}

/** `maxOpenFiles`, `max_open_files`, `MAX-OPEN-FILES` → `max`, `open`, `files`. */
export function splitIdentifier(word: string): string[] {
  return word
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])(?=[A-Z][a-z])/g, '$1 ')
    .split(/[\s_$.-]+/)
    .map((part) => part.toLowerCase())
    .filter((part) => part !== '');
}

/** Only what lets singular and plural, verb and noun meet. */
export function stem(word: string): string {
  if (word.length > 5 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  for (const ending of ['ing', 'ed', 'es', 's'])
    if (word.length > ending.length + 3 && word.endsWith(ending)) return word.slice(0, -ending.length);
  return word;
}

function keep(word: string): boolean {
  return word.length > 1 && !noise.has(word);
}
