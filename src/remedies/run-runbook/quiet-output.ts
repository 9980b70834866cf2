import { inertText } from '../../domain/inert-text.ts';

const mostLines = 8;
const mostCharacters = 1_200;

/** What looks like a credential, most telling first. A rough net: operators' commands should print none. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[private key]'],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1[masked]@'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, '$1 [masked]'],
  [
    /((?:pass(?:word|wd|phrase)?|secret|token|api[_-]?key|access[_-]?key|credential|authorization)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|\S+)/gi,
    '$1[masked]',
  ],
  [/\b(gh[a-z]_|github_pat_|xox[a-z]-|xapp-|sk-|AKIA|ASIA|glpat-|npm_)[\w-]{8,}/g, '[masked]'],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(\.[\w-]+)?/g, '[masked]'],
  [/\b(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[\w+/-]{32,}={0,2}/g, '[masked]'],
];

/** The last lines of a command's output as they may be shown: few, inert, and without what looks like a credential. */
export function quietOutput(output: string): string {
  const masked = secrets.reduce(
    (text, [pattern, mask]) => text.replace(pattern, mask),
    output.slice(-20_000),
  );
  const lines = masked
    .split('\n')
    .map((line) => inertText(line))
    .filter((line) => line !== '');
  return lines.slice(-mostLines).join(' ⏎ ').slice(-mostCharacters);
}
