import { z } from 'zod';
import { recordNamePattern } from '../flush-cache/record-name.ts';
import { readStored } from '../read-stored.ts';

/** From which record of an earlier flush which cache is filled. */
export const paramsSchema = z.strictObject({
  cache: z.string().min(1).max(63),
  from: z.string().regex(recordNamePattern),
});

const pinsSchema = z.strictObject({
  /** The server's process. */
  server: z.string(),
  /** When the record was made and how many keys it has. */
  record: z.string(),
});

const receiptSchema = z.object({
  version: z.literal(1),
  mark: z.string(),
  restored: z.number(),
});

const inverseSchema = z.object({
  version: z.literal(1),
  how: z.literal('remove-what-was-restored'),
  cache: z.string(),
});

const hint = 'Flush the pattern by a new plan, if what was brought back must go.';

export const readParams = (stored: unknown) =>
  readStored(paramsSchema, stored, 'parameters of a warm-up', hint);
export const readPins = (stored: unknown) => readStored(pinsSchema, stored, 'pins of a warm-up', hint);
export const readReceipt = (stored: unknown) =>
  readStored(receiptSchema, stored, 'receipt of a warm-up', hint);
export const readInverse = (stored: unknown) =>
  readStored(inverseSchema, stored, 'inverse of a warm-up', hint);
