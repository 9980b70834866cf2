/**
 * Strings, dollar quotes, comments, quoted names, parameters, numbers and words, each as one token; and everything else. What
 * is not closed reaches to the end, so that hostile text costs no more than its length.
 */
const token =
  /(?:(?<![\w$])[ebxn])?'(?:[^'\\]|''|\\.)*(?:'|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"]|"")*(?:"|$)|\$\d+|(?<![\w$])\d+(?:\.\d+)?(?:e[+-]?\d+)?|[A-Za-z_][\w$]*|\s+|./gi;
/** More is not needed to tell statements apart. */
const mostChars = 8_000;

/** The statement with its values taken out, so that two executions of the same one are told by equality. */
export function normaliseStatement(statement: string): string {
  const words: string[] = [];
  for (const [text] of statement.slice(0, mostChars).matchAll(token)) {
    if (/^\s|^--|^\/\*/.test(text)) continue;
    if (/^[ebxn]?'|^\$|^\d/i.test(text)) words.push('?');
    else words.push(text.startsWith('"') ? text : text.toLowerCase());
  }
  return words
    .join(' ')
    .replaceAll(/\( \?(?: , \?)+ \)/g, '( ? )')
    .replaceAll(/(?:\( \? \)(?: , )?){2,}/g, '( ? )')
    .replace(/( ;)+$/, '');
}
