import { masked, maskShapes } from './mask-credentials.ts';

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
/** The same where words are run together: `dbpassword`, `requirepass`. */
const alwaysEnd = /(password|passwd|passphrase|secret|requirepass|masterauth)s?$/;
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
  'jwt',
  'bearer',
]);
const mostlyEnd = /(apikey|accesskey|secretkey|privatekey|token)s?$/;
const empty = /^"?(true|false|null|)"?$/i;
const measure = /^"?\d{1,7}(?:[.,_]\d{1,6})*\s{0,3}[a-z%]{0,3}"?$/i;
/** Shorter values would black out half of a diff; a line that names them is masked all the same. */
const valueMin = 6;
/** A word of a longer secret that the file has on a line of its own. */
const wordMin = 12;

/** Whether nobody should see this value, by the name that it has. */
export function isSecret(name: string, value: string): boolean {
  if (empty.test(value)) return false;
  return name.split('.').some((segment) => {
    const words = segment
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((word) => word !== '');
    const last = words.at(-1) ?? '';
    return (
      words.some((word) => always.has(word) || alwaysEnd.test(word)) ||
      ((mostly.has(last) || mostlyEnd.test(last)) && !measure.test(value))
    );
  });
}

/** A value as it may be shown. */
export function maskValue(name: string, value: string): string {
  return isSecret(name, value) ? masked : maskShapes(value);
}

/**
 * A diff of configuration as it may be shown: each line keeps its sign, its name and its place. What is written is pinned
 * by its digest, so that masking hides a value and never a change.
 */
export function maskDiff(diff: string, versions: readonly ReadonlyMap<string, string>[]): string {
  const secrets = new Set<string>();
  for (const [name, value] of versions.flatMap((settings) => [...settings])) {
    if (!isSecret(name, value)) continue;
    for (const spelled of spellings(value)) if (spelled.length >= valueMin) secrets.add(spelled);
  }
  const longestFirst = [...secrets].toSorted((a, b) => b.length - a.length);
  const below = createBelow();
  return diff
    .split('\n')
    .map((line) => {
      if (/^((\+\+\+|---) ("?[ab]\/|\/dev\/null)|diff |index |@@)/.test(line)) {
        below.forget();
        return line;
      }
      let shown = below.mask(line) ?? maskLine(line);
      for (const secret of longestFirst) shown = shown.replaceAll(secret, masked);
      return maskShapes(shown);
    })
    .join('\n');
}

/** Lines that belong to a secret name above them: a list, or text over several lines. */
function createBelow(): { mask(line: string): string | null; forget(): void } {
  let indent: number | null = null;
  return {
    forget() {
      indent = null;
    },
    mask(line) {
      const [, sign = '', space = '', item = '', rest = ''] = /^([ +-]?)([ \t]*)(- )?(.*)$/s.exec(line) ?? [];
      const [, name] =
        /^["']?([\w.-]{1,100})["']?[ \t]{0,20}[:=][ \t]{0,20}(?:[|>][+-]?\d?|["']{3}|\[|\{)?\r?$/.exec(
          rest,
        ) ?? [];
      if (name !== undefined) {
        indent = isSecret(name, 'x') ? space.length : null;
        return null;
      }
      const inside = indent !== null && (space.length > indent || (space.length === indent && item !== ''));
      if (!inside && rest.trim() !== '') indent = null;
      const bare = !/^["']?[\w.-]{1,100}["']?(:[ \t]|[ \t]=[ \t]|[:=]["'[{])/.test(rest);
      return inside && bare && /[\w]/.test(rest) ? `${sign}${space}${item}${masked}` : null;
    },
  };
}

/** `  "apiKey": "x",`, `api_key = x` and `requirepass x` alike. */
function maskLine(line: string): string {
  const pairs = line.replace(
    /(?<![\w.-])(["']?)([\w.-]{1,100})\1(\s{0,20}[:=]\s{0,20})("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,"'{}[\]][^,]*?)(?=\s{0,20}(?:[,}\]]|$))/g,
    (whole, quote: string, name: string, between: string, value: string) =>
      isSecret(name, value) ? `${quote}${name}${quote}${between}${masked}` : whole,
  );
  return pairs.replace(
    /^([ +-]?[ \t]{0,200})([\w.-]{1,100})([ \t]{1,20})([^\s:=].*)$/s,
    (whole, before: string, name: string, between: string, value: string) =>
      isSecret(name, value) ? `${before}${name}${between}${masked}` : whole,
  );
}

/** As the parser gave it, and as the file may have written it: also line by line. */
function spellings(value: string): string[] {
  const wholes = quotedOrNot(value);
  return wholes.flatMap((whole) => [
    whole,
    ...whole.split('\n').map((line) => line.trim()),
    ...whole.split(/\s+/).filter((word) => word.length >= wordMin),
  ]);
}

function quotedOrNot(value: string): string[] {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'string' ? [parsed, value.slice(1, -1)] : [value];
  } catch {
    return [value, value.replace(/^(["'])(.*)\1$/, '$2')];
  }
}
