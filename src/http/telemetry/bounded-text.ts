/** At most `maxLength` UTF-16 units, marked where cut. */
export function boundedText(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
