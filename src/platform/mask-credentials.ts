export const masked = '[masked]';

/** Tokens and keys that are nothing else, wherever they stand. Every repeat is bounded: hostile text must not keep a worker busy. */
const certain: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
    '[private key]',
  ],
  [/(https:\/\/hooks\.slack\.com\/)[^\s"']{1,300}/gi, `$1${masked}`],
  [/\b(?:gh[a-z]_|github_pat_|xox[a-z]-|xapp-|sk-|AKIA|ASIA|glpat-|npm_)[\w-]{8,}/g, masked],
  [/\beyJ[\w-]{8,4000}\.[\w-]{8,4000}(?:\.[\w-]+)?/g, masked],
];

/** The same, and what is a credential in anything but code. */
const shapes: readonly (readonly [RegExp, string])[] = [
  ...certain,
  // up to the last @: a password may hold one, or a slash
  [/(?<!\w)(\w[\w+.-]{0,20}:\/\/[^\s:/@"']{0,200}:)[^\s"']{1,500}@/g, `$1${masked}@`],
  [/\b(Bearer|Basic)\s{1,5}[\w.~+/=-]{6,}/gi, `$1 ${masked}`],
  // inside one value: `Server=db;User Id=sa;Password=…;`
  [
    /((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|(?:shared)?access[_-]?key|account[_-]?key)\s{0,3}=\s{0,3})[^\s;,&"'[\]]{1,300}/gi,
    `$1${masked}`,
  ],
];

/** Text without what is a credential by its own form, whatever its name. */
export function maskShapes(text: string): string {
  return shapes.reduce((shown, [pattern, mask]) => shown.replace(pattern, mask), text);
}

/** In code a name and a `=` are no credential: what stands there may be a call, and a change must not hide. */
const forms: readonly (readonly [RegExp, string])[] = [
  ...certain,
  [/(?<!\w)(\w[\w+.-]{0,20}:\/\/[^\s:/@"']{0,200}:)[^\s"'`(){}$]{1,500}@/g, `$1${masked}@`],
  [/\b(Bearer|Basic)\s{1,5}(?=[\w.~+/=-]{0,40}\d)[\w.~+/=-]{16,}/gi, `$1 ${masked}`],
  // in a connection string: `Server=db;Password=…`
  [
    /([;?&]\s?(?:password|pwd|secret|token|accountkey|sharedaccesskey)=)[^\s;,&"'()$[\]{}]{4,300}/gi,
    `$1${masked}`,
  ],
  // in a shell script or a Dockerfile: `DB_PASSWORD=…`
  [
    /(\b[A-Z0-9_]{0,60}(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY)=["']?)[^\s;,&"'()$[\]{}]{4,300}/g,
    `$1${masked}`,
  ],
];

/** Code without what is a credential by its own form. */
export function maskForms(code: string): string {
  return forms.reduce((shown, [pattern, mask]) => shown.replace(pattern, mask), code);
}

/**
 * Text without long runs of letters and digits mixed: session ids, hashes, tokens of any make.
 * @param keep first characters that stay, so that two of them can be told apart
 */
export function maskRandom(text: string, { least, keep }: { least: number; keep: number }): string {
  return text.replace(/[\w+/-]+={0,2}/g, (run) =>
    run.length >= least && /\d/.test(run) && /[A-Za-z]/.test(run) ? `${run.slice(0, keep)}${masked}` : run,
  );
}
