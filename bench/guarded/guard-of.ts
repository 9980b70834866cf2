/** The guard that is switched off in the modules around this one; null where all are on. */
export function guardOf(moduleUrl: string): string | null {
  return new URL(moduleUrl).searchParams.get('guard');
}
