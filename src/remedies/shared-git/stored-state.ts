import { z } from 'zod';
import { UnknownVersion } from '../../platform/errors.ts';

export const fullSha = z.string().regex(/^[0-9a-f]{40,64}$/, 'must be a commit sha');

export const pinsSchema = z.object({
  /** Head of the branch that the preview was made from. */
  base: fullSha,
  /** SHA-256 over every file that the change writes or deletes: what a diff leaves out counts too. */
  result: z.string().regex(/^[0-9a-f]{64}$/),
});

export const inverseSchema = z.object({
  version: z.literal(1),
  how: z.literal('revert-the-merge'),
  /** Head before the fix: where undoing leads back to if nothing else is merged. */
  base: fullSha,
});

export const receiptSchema = z.object({
  version: z.literal(1),
  number: z.number().int(),
  merged: z.literal(true),
  branch: z.string(),
  headSha: fullSha,
  mergeSha: fullSha,
});

/** Reads stored state. @throws UnknownVersion: what cannot be read is never guessed at. */
export function readStored<T>(schema: z.ZodType<T>, stored: unknown, what: string): T {
  const parsed = schema.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new UnknownVersion(
    `The stored ${what} of a change in git cannot be read by this version.`,
    'Undo it by hand with the Revert button of the pull request.',
    { cause: parsed.error },
  );
}
