import { z } from 'zod';

export const paramsSchema = z.strictObject({
  /** One of the service's configuration files, as the catalogue spells it. */
  path: z.string().min(1).max(500),
  /** A commit of the branch whose version of the file is wanted; `previous`: the one before the last change of it. */
  to: z.union([z.literal('previous'), z.string().regex(/^[0-9a-f]{7,64}$/, 'must be a commit sha')]),
});

export type RollbackParams = z.infer<typeof paramsSchema>;
