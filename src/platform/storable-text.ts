/**
 * Text that PostgreSQL can keep: it refuses NUL in text and lone surrogates in jsonb, and one such character in one line
 * would otherwise fail the whole batch it arrived in.
 */
export function storableText(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text).toWellFormed();
}

/** As `storableText`, at most `maxLength` UTF-16 units, marked where cut. */
export function boundedText(text: string, maxLength: number): string {
  return storableText(text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`);
}
