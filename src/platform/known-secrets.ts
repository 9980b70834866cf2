import { masked } from './mask-credentials.ts';

/**
 * The secrets that this process itself holds, to be masked by value wherever text leaves it: a token is found in a log line
 * however it is named there. Values are learnt at start and at every read; nothing gives them out again.
 */
export interface KnownSecrets {
  /** Learns a value and its usual encodings; of a URL its password alone. Too short and too common ones are not learnt. */
  readonly learn: (value: string) => void;
  readonly mask: (text: string) => string;
  /** The same for every string and key of a value that is plain data; the value itself where there is nothing to mask. */
  readonly maskJson: <T>(value: T) => T;
}

/** Shorter ones would black out words and numbers that say nothing. */
const leastChars = 6;
/** One line of a longer secret, such as a private key. */
const leastLineChars = 16;
/** What of a base64 text depends on the secret alone, wherever that stands in it. */
const leastCoreChars = 8;
const mostDigits = 9;

/** Values that people set and that stand everywhere: masking them would hide the incident and no secret. */
const common = new Set(
  `password passwort passw0rd password1 changeme change-me change_me secret secrets default example examples localhost
   postgres postgresql warroom redis admin administrator root user test testing tester development production staging
   undefined disabled enabled required optional public private username token tokens bearer basic unknown nothing service
   database server client docker letmein welcome qwerty abc123 123456 github gitlab anonymous x-access-token`.split(
    /\s+/,
  ),
);

export function createKnownSecrets(): KnownSecrets {
  const spelled = new Set<string>();
  let pattern: RegExp | null = null;

  function learn(value: string): void {
    const before = spelled.size;
    for (const one of isAddress(value) ? passwordsIn(value) : [value, value.trim()]) {
      for (const spelling of spellingsOf(one)) spelled.add(spelling);
      if (!one.includes('\n')) continue;
      for (const line of one.split(/\r?\n/).map((text) => text.trim()))
        if (line.length >= leastLineChars && !line.startsWith('-----')) spelled.add(line);
    }
    if (spelled.size > before) pattern = null;
  }

  function mask(text: string): string {
    if (spelled.size === 0 || text.length < leastChars) return text;
    // Longest first: a password that is part of another one must not leave the rest of that.
    pattern ??= new RegExp(
      [...spelled]
        .toSorted((a, b) => b.length - a.length)
        .map((one) => one.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
        .join('|'),
      'g',
    );
    return text.replace(pattern, masked);
  }

  function maskValue(value: unknown): unknown {
    if (typeof value === 'string') return mask(value);
    if (Array.isArray(value)) return value.map(maskValue);
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [mask(key), maskValue(inner)]));
  }

  return {
    learn,
    mask,
    maskJson: <T>(value: T): T => (spelled.size === 0 ? value : (maskValue(value) as T)),
  };
}

/** Knows nothing and masks nothing: for tests, and for what runs without a credential. */
export const noSecrets: KnownSecrets = {
  learn: () => undefined,
  mask: (text) => text,
  maskJson: (value) => value,
};

function isPlain(value: unknown): value is { readonly [key: string]: unknown } {
  if (value === null || typeof value !== 'object') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isAddress(value: string): boolean {
  return /^[a-z][\w+.-]{0,20}:\/\//i.test(value) && URL.canParse(value);
}

/** The password of a URL, as it is written there and as it is meant; host and path are what an incident is about. */
function passwordsIn(value: string): string[] {
  const { password, searchParams } = new URL(value);
  const named = [...searchParams].filter(([name]) =>
    /^(?:pass(?:word)?|secret|(?:access_?)?token|api_?key)$/i.test(name),
  );
  return [password, decoded(password), ...named.map(([, inner]) => inner)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function spellingsOf(value: string): string[] {
  if (value.length < leastChars || common.has(value.toLowerCase())) return [];
  if (/^\d+$/.test(value) && value.length <= mostDigits) return [];
  const bytes = Buffer.from(value, 'utf8');
  const hex = bytes.toString('hex');
  const cores = [0, 1, 2]
    .map((offset) => base64Core(bytes, offset))
    .filter((one) => one.length >= leastCoreChars);
  return [
    value,
    ...percentEncoded(value),
    ...jsonEscaped(value),
    htmlEscaped(value),
    value.normalize('NFD'),
    hex,
    hex.toUpperCase(),
    ...cores,
    ...cores.map((core) => core.replaceAll('+', '-').replaceAll('/', '_')),
  ].filter((one) => one.length >= leastChars);
}

/** As addresses and forms have it; .NET writes the digits in lower case. */
function percentEncoded(value: string): string[] {
  const spelled = [encodeURIComponent(value), new URLSearchParams({ x: value }).toString().slice(2)];
  return spelled.flatMap((one) => [one, one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

/** Plain, with PHP's escaped slashes, and in ASCII alone as Python and Java write it. */
function jsonEscaped(value: string): string[] {
  const plain = JSON.stringify(value).slice(1, -1);
  const ascii = plain.replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [plain, ascii].flatMap((one) => [one, one.replaceAll('/', '\\/')]);
}

function htmlEscaped(value: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return value.replace(/[&<>"']/g, (char) => names[char] ?? char);
}

/**
 * A secret inside a longer text in base64, as in `Basic …` of user and password, begins at one of three places within a group
 * of three bytes. Characters at its ends that neighbours have a part in are left out.
 */
function base64Core(bytes: Buffer, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const first = offset === 0 ? 0 : offset + 1;
  const last = Math.floor(((offset + bytes.length) * 8) / 6);
  return whole.slice(first, last);
}
