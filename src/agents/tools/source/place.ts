import { z } from 'zod';
import type { Service } from '../../../domain/service.ts';
import { serviceOf, type ToolContext } from '../tool.ts';

/** Where a look at source goes: whose, and at which commit. */
export const sourcePlace = {
  service: z.string().optional().describe('Defaults to your own service.'),
  at: z
    .string()
    .regex(/^[0-9a-f]{7,40}$/)
    .optional()
    .describe('A commit; the head of the deployed branch where it is left out.'),
};

/** A file or folder inside the repository, as git writes it. */
export const repositoryPath = z
  .string()
  .max(400)
  .refine(
    (path) => !path.startsWith('/') && !path.split('/').includes('..'),
    'must be a path inside the repository',
  );

/** @throws RangeError where the catalogue has no such service; `NoSuchCommit` comes from the first look */
export async function openSource(
  context: ToolContext,
  place: { readonly service?: string | undefined; readonly at?: string | undefined },
  signal: AbortSignal,
): Promise<{ service: Service; at: string; source: ToolContext['desk']['sources']['source'] }> {
  const service = serviceOf(context, place.service);
  const { source } = context.desk.sources;
  const { head } = await source.fetch(service, signal);
  return { service, at: place.at ?? head, source };
}

/** `src//a/` and `./src/a` are `src/a`. */
export function plainPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
