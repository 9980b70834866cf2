import { z } from 'zod';

/** What the parts of `warroom.yaml` are spelled with. */

export const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and "-"');

export const labels = z.record(z.string(), z.string());

/** What Slack can be asked about. Any other word would pass for a person and mean nobody. */
export const people = z.array(
  z
    .string()
    .regex(
      /^([UWS][A-Z0-9]+|@[^\s@]+)$/,
      'must be a Slack user id (U… or W…), a user-group id (S…) or a group handle (@team)',
    ),
);

export const channel = z
  .string()
  .regex(/^([CG][A-Z0-9]+|#[a-z0-9_-]{1,80})$/, 'must be a Slack channel id (C…) or a name (#channel)');

/** Where a credential is. The value itself is refused: the catalogue is read by many. */
export const secretRef = z.union(
  [
    z.strictObject({
      env: z.string().regex(/^[A-Z_][A-Z0-9_]*$/, 'must be the name of an environment variable'),
    }),
    z.strictObject({ file: z.string().startsWith('/', 'must be an absolute path') }),
  ],
  'must be { env: NAME } or { file: /path }: a credential is never written into the catalogue',
);
