/** JSON of any parsed value; undefined for one nested deeper than the stack allows, which JSON.parse itself accepts. */
export function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
