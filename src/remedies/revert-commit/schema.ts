import { z } from 'zod';

/** What a plan says: which commit. The service names the repository. */
export const paramsSchema = z.strictObject({
  commit: z.string().regex(/^[0-9a-f]{7,64}$/, 'must be a commit sha'),
});
