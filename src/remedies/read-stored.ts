import type { z } from 'zod';
import { UnknownVersion } from '../platform/errors.ts';

/**
 * Reads what an earlier process stored.
 * @param what of which remedy: `inverse of a restart`
 * @throws UnknownVersion: what cannot be read is never guessed at.
 */
export function readStored<T>(schema: z.ZodType<T>, stored: unknown, what: string, hint: string): T {
  const parsed = schema.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new UnknownVersion(`The stored ${what} cannot be read by this version.`, hint, {
    cause: parsed.error,
  });
}
