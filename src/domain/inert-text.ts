/**
 * Text from alerts, logs and commits as it may be quoted in Markdown: one line in which nothing links. Characters are
 * replaced, not escaped by a backslash, since what shows the draft (Slack, a wiki) may know no such escapes; addresses are
 * written the way that reports of attacks do, `https[:]//`.
 */
export function inertText(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('*', '∗')
    .replaceAll('`', 'ˋ')
    .replace(/\](?=[([:])/g, '] ')
    .replaceAll('://', '[:]//')
    .replace(/\b(mailto|www)(?=[:.])/gi, '$1 ');
}
