import { z } from 'zod';

/** Control characters have no place in an argument. */
const argument = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^\p{Cc}]*$/u);

export const writtenPatchSchema = z.object({
  diff: z
    .string()
    .min(1)
    .max(100_000)
    .describe('unified diff against head: the fix, and a new test file where one helps'),
  check: z
    .array(argument)
    .min(1)
    .max(20)
    .describe(
      'program and arguments; fails without the patch and passes with it, and passed before the fault came in',
    ),
  explanation: z.string().min(1).max(600).describe('one sentence: what it repairs'),
});

/** A fix that a model wrote. Nothing in it is believed: code tries it. */
export type WrittenPatch = z.infer<typeof writtenPatchSchema>;
