/** Invisible, but GitHub no longer reads `@team`, `#7` or an address across it. */
const gap = '\u200b';

const titleMax = 240;

/**
 * Text from alerts, logs and commits as it may stand in a pull request: one line that shows what it says, and neither
 * calls people, closes issues, links nor carries markup. Escapes alone are not enough: GitHub looks for mentions and
 * references in the text after it was rendered.
 */
export function quietMarkdown(text: string): string {
  return onOneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\](){}!#~|$]/g, '\\$&')
    .replace(/@(?=\w)/g, `@${gap}`)
    .replace(/#(?=\d)/g, `#${gap}`)
    .replace(/\bGH-(?=\d)/gi, `$&${gap}`)
    .replaceAll('://', `:${gap}//`)
    .replace(/\bwww(?=\.)/gi, `$&${gap}`);
}

/**
 * The same for titles and commit messages, where nothing is escaped. The gap is seen there: git's history is read in
 * terminals too, and hidden characters in it are what attackers use. `[skip ci]` would leave the fix untested.
 */
export function quietLine(text: string): string {
  const line = onOneLine(text)
    .replace(/@(?=\w)/g, '@ ')
    .replace(/#(?=\d)/g, '# ')
    .replace(/\bGH-(?=\d)/gi, '$& ')
    .replaceAll('://', ': //')
    .replace(/\[(?=(?:skip|ci|no|actions)\b)/gi, '[ ');
  return line.length <= titleMax ? line : `${line.slice(0, titleMax - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function onOneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
