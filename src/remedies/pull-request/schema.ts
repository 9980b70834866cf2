import { z } from 'zod';

/** Nobody reviews more than this in a war room, and a model that writes more is not fixing one fault. */
const patchMaxChars = 200_000;

const argument = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^\p{Cc}]*$/u, 'must hold no control characters');

export const paramsSchema = z.strictObject({
  /** A unified diff against the service's branch. */
  patch: z.string().min(1).max(patchMaxChars),
  title: z
    .string()
    .max(200)
    .regex(/^[^\p{Cc}]*\S[^\p{Cc}]*$/u, 'must be one line'),
  /** Argument vector that fails before the patch and passes after it; the service's own tests unless told. */
  check: z.array(argument).min(1).max(20).optional(),
});

export type PatchParams = z.infer<typeof paramsSchema>;
