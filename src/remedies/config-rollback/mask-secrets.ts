import type { Settings } from './read-settings.ts';

export const masked = '[masked]';

/** A name with one of these words is secret, whatever its value. */
const always = new Set([
  'password',
  'passwords',
  'passwd',
  'pwd',
  'passphrase',
  'secret',
  'secrets',
  'credential',
  'credentials',
]);
/** A name that ends with one of these is secret unless its value is a number or a time: `maxTokens: 4096`. */
const mostly = new Set([
  'token',
  'tokens',
  'key',
  'keys',
  'pass',
  'salt',
  'dsn',
  'auth',
  'authorization',
  'cookie',
  'pem',
]);
const empty = /^"?(true|false|null|)"?$/i;
const measure = /^"?\d[\d.,_]*\s*[a-z%]{0,3}"?$/i;
// bounded: a line that is made for it must not keep a worker busy
const userInfo = /(?<!\w)(\w{1,20}:\/\/[^\s:/@"']{0,200}:)[^\s@/"']{1,500}@/g;
/** Shorter values would black out half of a diff; a line that names them is masked all the same. */
const valueMin = 6;

/** Whether nobody should see this value, by the name that it has. */
export function isSecret(name: string, value: string): boolean {
  if (empty.test(value)) return false;
  return name.split('.').some((segment) => {
    const words = segment
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((word) => word !== '');
    return words.some((word) => always.has(word)) || (mostly.has(words.at(-1) ?? '') && !measure.test(value));
  });
}

/** A value as it may be shown. */
export function maskValue(name: string, value: string): string {
  if (isSecret(name, value)) return masked;
  return value.replaceAll(userInfo, `$1${masked}@`);
}

/**
 * A diff of configuration as it may be shown: each line keeps its sign, its name and its place. What is written is pinned
 * by its digest, so that masking hides a value and never a change.
 */
export function maskDiff(diff: string, versions: readonly Settings[]): string {
  const secrets = new Set<string>();
  for (const [name, value] of versions.flatMap((settings) => [...settings])) {
    if (!isSecret(name, value)) continue;
    for (const spelled of spellings(value)) if (spelled.length >= valueMin) secrets.add(spelled);
  }
  const longestFirst = [...secrets].toSorted((a, b) => b.length - a.length);
  return diff
    .split('\n')
    .map((line) => {
      let shown = /^(\+\+\+|---|diff |index )/.test(line) ? line : maskLine(line);
      for (const secret of longestFirst) shown = shown.replaceAll(secret, masked);
      return shown.replaceAll(userInfo, `$1${masked}@`);
    })
    .join('\n');
}

/** `  "apiKey": "x",` and `api_key = x` alike. */
function maskLine(line: string): string {
  return line.replace(
    /(?<![\w.-])(["']?)([\w.-]{1,100})\1(\s{0,20}[:=]\s{0,20})("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,"'{}[\]][^,]*?)(?=\s{0,20}(?:[,}\]]|$))/g,
    (whole, quote: string, name: string, between: string, value: string) =>
      isSecret(name, value) ? `${quote}${name}${quote}${between}${masked}` : whole,
  );
}

/** As the parser gave it, and as the file may have written it. */
function spellings(value: string): string[] {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'string' ? [parsed, value.slice(1, -1)] : [value];
  } catch {
    return [value, value.replace(/^(["'])(.*)\1$/, '$2')];
  }
}
