/** Only what is a value in any system's lines: nothing here knows a format. Order matters. */
const masks: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<*>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/g, '<*>'],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, '<*>'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, '<*>'],
  [/\b0x[0-9a-f]+\b/gi, '<*>'],
  [/\b(?=[a-z]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b/gi, '<*>'],
  [/\b[A-Za-z]{1,12}[-_](?=[\w-]*\d)[\w-]+\b/g, '<*>'],
  [/(?<![A-Za-z])[-+]?\d+(?:[.,:]\d+)*(?:ns|us|µs|ms|s|m|h|d|%|[kKMGT]?i?B)?\b/g, '<*>'],
  [/\b[A-Za-z]+\d[\w]*\b/g, '<*>'],
];

/** The line with every obvious value replaced by `<*>`. */
export function maskVariables(text: string): string {
  let masked = text;
  for (const [pattern, word] of masks) masked = masked.replace(pattern, word);
  return masked;
}
